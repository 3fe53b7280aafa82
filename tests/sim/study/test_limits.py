"""What arithmetic says of a study's arms, once each."""

from typing import Any

from sim.study.cell import Cell
from sim.study.limits import limits_of, told
from sim.study.vocabulary import Limit, Vocabulary


def a_cell(arm: str, rate: str, doors: int) -> Cell:
    return Cell(arm=arm, point={"rate": rate}, scenario={"load": {"rate": rate}, "doors": doors}, seed=1, version="0")


def doors(tree: dict[str, Any]) -> list[Limit]:
    n = tree["doors"]
    return [Limit(name="capacity", path="load.rate", value=7.0 * n, explanation=f"{n} x 7", source="here")] * bool(n)


def test_a_form_that_arms_share_is_told_once_and_one_of_some_arms_names_them() -> None:
    cells = [a_cell("a", "5/s", 2), a_cell("a", "6/s", 2), a_cell("b", "5/s", 2), a_cell("c", "5/s", 0)]

    (row,) = limits_of(cells, Vocabulary(limits=doors))

    assert (row["arms"], row["value"], row["unit"]) == (["a", "b"], 14.0, "/s")
    assert told(row) == "capacity of a, b by arithmetic: 14/s = 2 x 7 (here)"
    assert told(limits_of(cells[:3], Vocabulary(limits=doors))[0]).startswith("capacity by arithmetic")


def test_forms_keep_the_order_of_the_arms() -> None:
    rows = limits_of([a_cell("b", "5/s", 1), a_cell("a", "5/s", 3)], Vocabulary(limits=doors))

    assert [row["arms"] for row in rows] == [["b"], ["a"]]


def test_a_model_without_closed_forms_has_none() -> None:
    assert limits_of([a_cell("a", "5/s", 2)], Vocabulary()) == []
