"""A file of measurements, asked key by key: what is missing or wrong is named with its place."""

from collections.abc import Callable
from typing import Any

import pytest

from models.measured.facts import Facts, WrongFact, repeated

ROW = {"rate": 20, "ok": [97, 98], "net": "lo", "counters": {"TW": 3}, "steps": {"2": 1.5}}


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda facts: facts.whole("dur"), "tw-reuse.dur: is missing"),
        (lambda facts: facts.whole("net"), "tw-reuse.net: lo should be a whole number"),
        (lambda facts: facts.number("net"), "tw-reuse.net: lo should be a number"),
        (lambda facts: facts.items("rate"), "tw-reuse.rate: 20 should be a list"),
        (lambda facts: facts.numbers("empty"), "tw-reuse.empty: should have at least one number"),
        (lambda facts: facts.part("ok"), "tw-reuse.ok: [97, 98] should be a mapping"),
        (lambda facts: facts.whole("rate", 21), "tw-reuse.rate: 20 should be at least 21"),
        (lambda facts: facts.choice("net", ["veth"]), "tw-reuse.net: lo should be one of veth"),
        (lambda facts: facts.values("empty"), "tw-reuse.empty: should have at least one, not 0"),
        (lambda facts: facts.values("ok", 3), "tw-reuse.ok: should have 3, not 2"),
        (lambda facts: facts.parts("empty"), "tw-reuse.empty: should have at least one, not 0"),
        (lambda facts: facts.wholes("pair", 2), "tw-reuse.pair.1: 0 should be at least 1"),
        (lambda facts: facts.rows("wide", 3), "tw-reuse.wide.0: should have 3, not 2"),
        (lambda facts: facts.histogram("none"), "tw-reuse.none: should count at least one value"),
        (lambda facts: facts.histogram("counters"), "tw-reuse.counters.TW: the key should be a whole number"),
        (lambda facts: facts.part("counters").whole_keys(), "tw-reuse.counters.TW: the key should be a whole number"),
        (lambda facts: facts.port_range("net"), "tw-reuse.net: lo should be two ports, as 40000 40099"),
        (lambda facts: facts.port_range("rate"), "tw-reuse.rate: 20 should be two ports, as 40000 40099"),
        (lambda facts: facts.tuples("wide", 4), "tw-reuse.wide.0: should have 4, not 2"),
        (lambda facts: facts.end("wide"), "tw-reuse.wide: should have 2, not 1"),
        (lambda facts: facts.end("late"), "tw-reuse.late.1: soon should be a number"),
        (lambda facts: facts.end("nobody"), "tw-reuse.nobody.0: None should be an errno"),
        (lambda facts: facts.parts("ok"), "tw-reuse.ok.0: 97 should be a mapping"),
        (lambda facts: facts.rows("ok"), "tw-reuse.ok.0: 97 should be a list"),
        (lambda facts: facts.counts("steps"), "tw-reuse.steps.2: 1.5 should be a whole number"),
    ],
)
def test_a_wrong_fact_is_named_with_its_place(ask: Callable[[Facts], Any], said: str) -> None:
    facts = Facts(
        {
            **ROW,
            "empty": [],
            "none": {},
            "pair": [1, 0],
            "wide": [[1, 2]],
            "late": ["EOF", "soon"],
            "nobody": [None, 1],
        },
        "tw-reuse",
    )

    with pytest.raises(WrongFact) as refused:
        ask(facts)

    assert str(refused.value) == said


def test_repetitions_of_one_set_up_are_together() -> None:
    rows = [Facts({"rate": rate, "rep": rep}, "x") for rep in (0, 1) for rate in (5, 9)]

    groups = repeated(rows, ("rate",))

    assert [(name, [row.whole("rep") for row in each]) for name, each in groups] == [
        ("rate=5", [0, 1]),
        ("rate=9", [0, 1]),
    ]
