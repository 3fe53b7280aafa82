"""Objectives: what of a run somebody may have promised something about, declared. Not the promise."""

from models.call_metrics import CALLS
from models.metrics import LATENCY, OK, REQUESTS
from sim.records.metric import Is, Known, Not
from sim.records.outcome import Judged

_OVER = (Known("t_done"), Not(Is("err", "lab-end")))
"""What still hung when the run ended is neither good nor bad."""

JUDGED = {
    "requests": Judged(rows=REQUESTS.having(*_OVER), at="t_done", well=OK, length=LATENCY, kind="workload"),
    "calls": Judged(rows=CALLS.having(*_OVER), at="t_done", well=OK, length=LATENCY, kind="workload"),
}
"""By the table: each request, or what a customer got of a client that guards its calls, with all of its tries."""
