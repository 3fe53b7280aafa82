"""The recovery of a run: whether what it does is back after something that was temporary, in one sentence."""

from sim.report.number import percent, plain, seconds
from sim.report.run_record import RunRecord
from sim.report.words import Words


def recovery(record: RunRecord, words: Words) -> list[str]:
    """A sentence with a verdict, stable or metastable, where the run had a trigger that ended; otherwise none.

    Whether a system that is stable after one trigger is vulnerable to a larger one, one run cannot say.
    """
    summary, keys = record.summary, words.recovery
    if keys is None or keys.recovered not in summary:
        return []
    before, after = (f"{plain(summary.get(key))} per second" for key in (keys.before, keys.after))
    span = seconds(summary.get(keys.time))
    if summary[keys.recovered]:
        return [f"stable after this trigger: back {span} after its end, {before} before it and {after} in the end"]
    share = percent(float(summary.get(keys.share) or 0.0))
    said = (
        f"metastable: the trigger is over, and {share} of what arrives is answered well ({after}, {before} before it)"
    )
    return [f"{said}; a longer run tells that from a backlog that drains"]
