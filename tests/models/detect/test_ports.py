"""Ports as changes tell them: TIME_WAIT that no kernel reports, and when the range will be empty."""

from itertools import chain

import pytest

from sim.records.sockets import Change, only_time
from tests.models.detect.changes import DIAL, found, kinds, socket

CHURN = (*DIAL, "FIN_WAIT1", "FIN_WAIT2", "CLOSE")
SECONDS = [only_time(float(t)) for t in range(200)]


def churn(rate: float, seconds: float, begin: float = 0.0) -> list[Change]:
    """Dials that their client closes after 50 ms."""
    instants = [begin + i / rate for i in range(int(rate * seconds))]
    return list(
        chain.from_iterable(
            socket(int(t * 1000), CHURN, (t, t + 0.001, t + 0.05, t + 0.051, t + 0.051)) for t in instants
        )
    )


def test_time_wait_above_half_of_the_range_is_a_storm() -> None:
    findings = found([*churn(10, 60.0), *SECONDS], ports=1000)

    assert kinds(findings) == ["time-wait"]
    assert 50.0 <= findings[0].start <= 52.0, "500 of 1,000 ports after 50 s of 10 dials per second"
    assert findings[0].end < 122.0, "60 s after the last of them"


def test_connections_that_the_server_closes_hold_no_port() -> None:
    changes = chain.from_iterable(
        socket(i, (*DIAL, "CLOSE_WAIT", "LAST_ACK", "CLOSE"), tuple(i / 10 + s for s in (0, 0.001, 0.05, 0.05, 0.051)))
        for i in range(600)
    )

    assert found([*changes, *SECONDS], ports=1000) == []


def test_ports_that_run_out_are_told_before_they_do() -> None:
    findings = found([*churn(10, 45.0), *SECONDS], ports=500)

    ahead = next(one for one in findings if one.detector == "port-exhaustion")
    assert ahead.start < 8.0, "as soon as there is a rate"
    assert ahead.start + ahead.value == pytest.approx(50, abs=3), "500 ports at 10 a second"


def test_a_rate_that_the_range_can_bear_is_no_finding() -> None:
    assert "port-exhaustion" not in kinds(found([*churn(8, 150.0), *SECONDS], ports=500)), "8/s for 60 s are 480"


def test_a_dial_that_finds_no_port_says_so() -> None:
    changes = chain.from_iterable(
        [
            Change(t, i, "a", 0, "b", 80, "CLOSE", "SYN_SENT", 0.0),
            Change(t, i, "a", 0, "b", 80, "SYN_SENT", "CLOSE", 0.0),
        ]
        for i, t in enumerate((1.0, 1.5, 2.0))
    )

    (finding,) = found(changes)

    assert finding.text == "3 dials to b:80 found no local port (EADDRNOTAVAIL)"


def test_a_table_that_fills_up_is_a_storm_on_whichever_side_it_is() -> None:
    theirs = [
        one._replace(laddr="10.0.1.7", lport=80, raddr="10.0.0.5", rport=40_000, old=one.old) for one in churn(20, 50.0)
    ]
    accepted = [one for one in theirs if one.new != "SYN_SENT"]

    findings = found([*accepted, *SECONDS], time_wait_table=1000)

    assert [(one.detector, one.key) for one in findings] == [("time-wait", "this host")]
