"""The lines of the table that a terminal shows while a sweep runs."""

import pytest

from sim.cli.live import LiveTable, lines
from sim.execution.watch import Stage, Widest

WIDE = Widest("lat_p99", "dns", {"rate": "400/s"}, 0.012, 0.005, "5%")


def test_the_rate_counts_only_what_this_sweep_ran() -> None:
    told = lines(Stage(done=40, total=100, failed=0), spent_s=10, kept=20)

    assert told == {"rate": "2 trials/s, 0:00:30 left"}


def test_failures_and_the_widest_interval_are_told() -> None:
    told = lines(Stage(done=10, total=20, failed=3, widest=WIDE), spent_s=600, kept=0)

    assert told["rate"] == "1 trials/min, 0:10:00 left"
    assert told["failed"] == "3"
    assert told["widest"] == "lat_p99 ±12 % of 5 % (dns, rate 400/s)"


def test_an_absolute_goal_is_told_in_the_metric_s_unit() -> None:
    found = Widest("lat_p99", "dns", {}, 0.004, 0.002, "2ms")

    assert lines(Stage(1, 2, 0, found), spent_s=1, kept=0)["widest"] == "lat_p99 ±0.004 of 0.002 (dns)"


def test_nothing_appears_before_its_time(capfd: pytest.CaptureFixture[str]) -> None:
    table = LiveTable("small", after_s=3600)

    table.tell(Stage(1, 2, 0))
    table.stop()

    assert capfd.readouterr() == ("", "")
