"""What a report tells of a run's events: ends joined, equal ones together, few lines, few names."""

import polars as pl
import pytest

from sim.report.chart_timeline import Event
from sim.report.run_events import marks, rows

Row = tuple[float, str, int, str]
STEPS = ("starts ", "is ready")


def a_table(*found: Row) -> pl.DataFrame:
    return pl.DataFrame(list(found), schema=["t", "event", "backend", "client"], orient="row")


def test_an_end_belongs_to_what_began_at_its_place() -> None:
    table = a_table(
        (10.0, "stop", 0, ""), (11.0, "stop", 1, ""), (12.0, "stop ends", 0, ""), (15.0, "stop ends", 1, "")
    )

    assert marks(table, 60) == [Event("stop backend 0", 10.0, 12.0), Event("stop backend 1", 11.0, 15.0)]
    assert rows(table, 60)[0] == ("10 to 12 s", "stop", "backend 0")


def test_one_span_of_several_places_is_told_once() -> None:
    table = a_table(*((10.0, "stop", i, "") for i in (2, 0)), *((12.0, "stop ends", i, "") for i in (2, 0)))

    assert rows(table, 60) == [("10 to 12 s", "stop", "backends 0, 2")]


def test_many_places_are_counted() -> None:
    table = a_table(*((10.0, "stop", i, "") for i in range(12)))

    assert rows(table, 60) == [("10 s", "stop", "12 backends")]


def test_what_happens_nowhere_in_particular_or_at_a_client_says_so() -> None:
    table = a_table((1.0, "scale from 2 to 3", -1, ""), (2.0, "close_idle", -1, "gateway"))

    assert rows(table, 60) == [("1 s", "scale from 2 to 3", ""), ("2 s", "close_idle", "client gateway")]


def test_instants_of_one_name_that_follow_soon_are_told_together() -> None:
    table = a_table((10.0, "is ready", 0, ""), (12.0, "is ready", 1, ""), (40.0, "is ready", 2, ""))

    assert rows(table, 60) == [("10 to 12 s", "is ready", "backends 0, 1"), ("40 s", "is ready", "backend 2")]


def test_steps_of_larger_events_are_left_out_first() -> None:
    table = a_table((0.0, "deploy", -1, ""), *((5.0 * i, f"starts {i}", i, "") for i in range(20)))

    assert rows(table, 100, STEPS) == [("0 s", "deploy", "")]
    assert marks(table, 100, STEPS) == [Event("deploy", 0.0)]


def test_more_than_can_be_named_are_named_once_and_all_are_marked() -> None:
    table = a_table(*((5.0 * i, name, i, "") for i in range(20) for name in ("stop", "stop ends")))

    told = marks(table, 100)

    assert [event.name for event in told if event.name] == ["stop × 20"]
    assert len(told) == 20
    assert rows(table, 100) == [("0 to 95 s", "stop × 20", "20 backends")]


def test_a_list_never_has_more_than_ten_lines() -> None:
    table = a_table(*((5.0 * i, f"event {i}", -1, "") for i in range(20)))

    assert len(rows(table, 100)) == 10
    assert rows(table, 100)[-1] == ("", "and 11 more", "")


@pytest.mark.parametrize("told", [rows, marks])
def test_a_run_without_events_tells_nothing(told: object) -> None:
    assert told(pl.DataFrame(), 60) == []  # type: ignore[operator]
