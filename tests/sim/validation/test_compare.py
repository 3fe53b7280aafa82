"""Quantities are compared leaf by leaf, and nothing is left out."""

from typing import Any

import pytest

from sim.validation.compare import Comparison, Difference

COMPARE = Comparison(named_by={"items": "no"}, ports="ports")


def rows(expect: dict[str, Any], seen: dict[str, Any] | None, time_ms: float = 25) -> dict[str, Difference]:
    return {row.quantity: row for row in COMPARE(expect, seen, time_ms)}


def test_a_quantity_is_the_dotted_path_to_it() -> None:
    seen = {"dials": 1, "states": {"end": {"idle": 2}}, "extra": 7}

    found = rows({"dials": 1, "states": {"end": {"idle": 3}}}, seen)

    assert {name: row.ok for name, row in found.items()} == {"dials": True, "states.end.idle": False}
    assert (found["states.end.idle"].measured, found["states.end.idle"].simulated) == (3, 2)


def test_items_of_a_list_go_by_their_names() -> None:
    expect = {"items": [{"no": 2, "t_closed": 300}]}
    seen = {"items": [{"no": 1, "t_closed": None}, {"no": 2, "t_closed": 310.0}]}

    assert list(rows(expect, seen)) == ["items.2.t_closed"]
    assert rows(expect, seen)["items.2.t_closed"].ok


def test_a_list_without_items_expects_nothing() -> None:
    assert rows({"items": []}, {"items": [{"no": 1}]}) == {}


@pytest.mark.parametrize(("simulated", "ok"), [(75.0, True), (125.0, True), (74.9, False), (125.1, False)])
def test_a_time_may_differ_by_the_tolerance_both_ways(simulated: float, ok: bool) -> None:
    row = rows({"t_do": 100}, {"t_do": simulated})["t_do"]

    assert (row.ok, row.tolerance) == (ok, 25)


@pytest.mark.parametrize(("measured", "simulated", "ok"), [(None, None, True), (None, 0.0, False), (0, None, False)])
def test_a_time_that_never_came_is_a_value(measured: int | None, simulated: float | None, ok: bool) -> None:
    assert rows({"t_closed": measured}, {"t_closed": simulated})["t_closed"].ok is ok


def test_what_was_not_simulated_differs_even_from_nothing() -> None:
    expect = {"t_closed": None, "states": {"end": {"idle": 0}}}

    found = rows(expect, None)

    assert [(row.simulated, row.ok) for row in found.values()] == [(None, False), (None, False)]


def test_counts_are_equal_or_not() -> None:
    row = rows({"dials": 3}, {"dials": 4})["dials"]

    assert (row.ok, row.tolerance) == (False, 0)


def test_a_truth_is_not_a_number() -> None:
    assert not rows({"pending": True}, {"pending": 1})["pending"].ok


def test_one_of_several_texts_is_enough() -> None:
    expect = {"error": ["EOF", "reset"]}

    assert rows(expect, {"error": "reset"})["error"].ok
    assert not rows(expect, {"error": "timeout"})["error"].ok


def test_a_name_in_brackets_stands_for_that_port_and_ephemeral_for_any() -> None:
    expect = {"error": "read <ephemeral>-><h1>: a.b"}

    assert rows(expect, {"ports": {"h1": 80}, "error": "read 40123->80: a.b"})["error"].ok
    assert not rows(expect, {"ports": {"h1": 80}, "error": "read 40123->81: a.b"})["error"].ok
    assert not rows(expect, {"ports": {"h1": 80}, "error": "read 40123->80: aXb"})["error"].ok
    assert not rows(expect, {"error": "read 40123->80: a.b"})["error"].ok


def test_lists_are_compared_in_order_and_as_a_whole() -> None:
    expect = {"trace": {"A": ["Get", "Done:<h1>"]}}

    assert rows(expect, {"ports": {"h1": 80}, "trace": {"A": ["Get", "Done:80"]}})["trace.A"].ok
    assert not rows(expect, {"ports": {"h1": 80}, "trace": {"A": ["Done:80", "Get"]}})["trace.A"].ok
    assert not rows(expect, {"ports": {"h1": 80}, "trace": {"A": ["Get", "Done:80", "More"]}})["trace.A"].ok


def test_whole_milliseconds_have_no_point() -> None:
    row = rows({"t_do": 100}, {"t_do": 100.0})["t_do"]

    assert repr(row.simulated) == "100"
