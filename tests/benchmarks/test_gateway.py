"""The three ways to write the gateway agree: otherwise their speeds could not be compared."""

import pytest

from sim import wiring
from tests.benchmarks import heapq_gateway, idiomatic_gateway
from tests.benchmarks.gateway_setting import Tally, setting_of

SEED = 1
WARM, CHURN = "experiments/order-gateway/warm.yaml", "experiments/order-gateway/churn.yaml"


def tallies(path: str) -> tuple[Tally, Tally, Tally]:
    """Ours, the bare heap's, the idiomatic one's, of four seconds."""
    scenario = wiring.load(path, ["duration=4s"])
    done = wiring.run(scenario, SEED)
    ok = done.requests.filter(err="")
    latency = (ok["t_done"] - ok["t_arrival"]).sum()
    ours = Tally(
        requests=int(done.summary["n_requests"]),
        done=int(done.summary["n_ok"]),
        dials=int(done.summary["dials_ok"]),
        closed=done.connections["t_close"].count(),
        latency=round(1e9 * float(latency)),
    )
    setting = setting_of(scenario)
    return ours, heapq_gateway.run(setting, SEED), idiomatic_gateway.run(setting, SEED)


def test_with_a_pool_that_fits_all_three_agree() -> None:
    ours, bare, idiomatic = tallies(WARM)

    assert (bare.requests, bare.done, bare.dials) == (ours.requests, ours.done, ours.dials)
    assert (idiomatic.requests, idiomatic.done, idiomatic.dials) == (ours.requests, ours.done, ours.dials)
    assert bare.latency == pytest.approx(ours.latency, abs=ours.done), "a ns each: the table's times are floats"
    assert idiomatic.latency == pytest.approx(ours.latency, rel=1e-6)


def test_with_a_pool_that_is_too_small_all_three_agree() -> None:
    ours, bare, idiomatic = tallies(CHURN)

    # ours pays 100 ns for each occupied port that connect() inspects, which moves a few races
    assert bare.requests == idiomatic.requests == ours.requests
    assert bare.dials == pytest.approx(ours.dials, rel=0.01)
    assert idiomatic.dials == pytest.approx(ours.dials, rel=0.01)
    assert bare.closed == pytest.approx(ours.closed, rel=0.01)
    assert bare.latency == pytest.approx(ours.latency, rel=0.001)
    assert idiomatic.latency == pytest.approx(ours.latency, rel=0.001)
