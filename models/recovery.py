"""Recovery: whether a system is back after a trigger that is over, declared over its calls or requests.

Compared are shares: of what arrived, how much was answered well, before the trigger and in the end. Goodput itself
would be compared as well with the chance in two counts of arrivals. Where every workload's client guards its calls,
calls are counted, with all their tries; otherwise requests.
"""

from models.call_metrics import CALLS, OK_CALLS
from models.metrics import DURATION, OK_REQUESTS, REQUESTS, WARMUP
from models.scenario import Scenario
from sim.records.metric import (
    AtLeast,
    Between,
    Count,
    Declarations,
    Last,
    Minus,
    Number,
    PerSecond,
    Ratio,
    Selection,
)

BACK = 0.95
"""A system is back at this part of what it did before: within 5 %."""

TRIGGER, OVER, JUDGED = Number("trigger_start"), Number("trigger_end"), Number("judged_from")
BEFORE, IN_THE_END = Between("t_arrival", WARMUP, TRIGGER), Between("t_arrival", JUDGED, DURATION)


def _recovery(rows: Selection, ok: Selection, failed_share: str) -> Declarations:
    before, after = BEFORE, IN_THE_END
    share = Ratio(Count(ok.having(before)), Count(rows.having(before)))
    share_after = Ratio(Count(ok.having(after)), Count(rows.having(after)))
    enough = Ratio(share, 1 / BACK)
    bad = Selection("windows", (Between("t", OVER, DURATION), Between(failed_share, Minus(1, enough))))
    return {
        "goodput_before": PerSecond(Count(ok.having(before)), WARMUP, TRIGGER),
        "goodput_after": PerSecond(Count(ok.having(after)), JUDGED, DURATION),
        "ok_share_before": share,
        "ok_share_after": share_after,
        "recovered": AtLeast(Ratio(share_after, share), BACK),
        "recovery_t": Minus(Last(bad, "t", "t", absent=OVER), OVER),
    }


RECOVERY: Declarations = _recovery(REQUESTS, OK_REQUESTS, "failed_share")
CALL_RECOVERY: Declarations = _recovery(CALLS, OK_CALLS, "calls_failed_share")


def recovery_metrics(scenario: Scenario) -> Declarations:
    """Those that fit the scenario."""
    guarded = [scenario.clients[workload.client].is_guarded for workload in scenario.workloads.values()]
    return CALL_RECOVERY if guarded and all(guarded) else RECOVERY
