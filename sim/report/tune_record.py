"""What a search found as one JSON document: printed by --json, kept as tune.json."""

from typing import Any

from sim.analysis.interval import Interval
from sim.search.tuned import Finalist, Tuned, certainty


def tune_record(found: Tuned) -> dict[str, Any]:
    """Keys: study, best (None where no setting keeps the objectives), finalists, base, gain, tried, warnings."""
    return {
        "study": found.study.name,
        "minimise": dict(found.tuning.terms),
        "best": None if found.best is None else _finalist(found.best),
        "finalists": [_finalist(one) for one in found.finalists],
        "base": None if found.base is None else _finalist(found.base),
        "gain": _interval(found.gain),
        "tried": found.history.to_dicts(),
        "warnings": list(found.warnings),
        "partial": found.is_partial,
    }


def _finalist(one: Finalist) -> dict[str, Any]:
    gap = one.versus_best
    return {
        "name": one.name,
        "settings": dict(one.settings),
        "cost": _interval(one.cost),
        "above_the_best": _interval(gap),
        "is_real": gap is not None and (gap.low > 0 or gap.high < 0),
        "is_met": one.is_met,
        "slo": [
            {
                "metric": kept.objective.metric,
                "op": kept.objective.op,
                "value": kept.objective.value,
                "found": _interval(kept.found),
                "result": certainty(kept),
            }
            for kept in one.slo
        ],
        "metrics": dict(one.metrics),
    }


def _interval(found: Interval | None) -> dict[str, float] | None:
    if found is None:
        return None
    return {"value": found.estimate, "low": found.low, "high": found.high, "confidence": found.confidence}
