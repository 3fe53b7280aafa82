"""How sure one run is of its own figures, in words: intervals, or why there is none, and the warm-up."""

from sim.report.number import seconds
from sim.report.run_record import RunRecord
from sim.report.words import Words
from sim.units import parse_duration

COLUMNS = ("how sure", "value", "95 % interval from this run alone")


def certainty(record: RunRecord, words: Words) -> list[tuple[str, str, str]]:
    """What is said of it, the figure, and its interval or why there is none; nothing where the run says neither."""
    told = [(label, key, _interval(record, key)) for label, key in words.sure.items()]
    rows = [(label, seconds(record.summary.get(key)), text) for label, key, text in told if text]
    return [*rows, *_warmup(record, words)]


def _interval(record: RunRecord, key: str) -> str:
    low, high = record.summary.get(f"{key}_low"), record.summary.get(f"{key}_high")
    if low is not None and high is not None:
        return f"{seconds(low)} to {seconds(high)}"
    doubts = record.manifest.get("doubts") or {}
    why = doubts.get(f"{key}_low")
    return f"none: {why}" if why else ""


def _warmup(record: RunRecord, words: Words) -> list[tuple[str, str, str]]:
    stated, found = words.warmup
    if not record.summary.get(words.total) or "doubts" not in record.manifest:
        return []
    written = record.scenario.get(stated)
    left_out = parse_duration(written) / 1e9 if isinstance(written, str) else (written or 0) / 1e9
    cut = record.summary.get(found)
    if cut is None:
        text = "MSER-5 finds no cut before the middle: not settled, or chance; several runs tell"
    else:
        text = f"MSER-5 would cut {seconds(cut)} of this run" + (", more than is left out" if cut > left_out else "")
    return [("warm-up, left out", seconds(left_out), text)]
