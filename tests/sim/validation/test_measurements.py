"""Measurements of a kernel: by which rule a quantity is as measured, and what a wrong file gets."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sim.execution.execute import Inline
from sim.units import InputError
from sim.validation.measurements import Measurement, judge, read_measurements, reproduce


@dataclass(frozen=True)
class Figure:
    """A quantity as the models declare one."""

    rule: str
    measured: tuple[Any, ...]
    simulated: tuple[Any, ...] = ()
    allowed: float = 0.0
    wider: float = 0.0
    name: str = "q"
    reason: str = ""
    unstated: str = ""


@pytest.mark.parametrize(
    ("figure", "class_", "simulated", "ok"),
    [
        (Figure("same", (100, 100), (100, 100, 100)), "T", 100, True),
        (Figure("same", (10, 11), (11, 10, 11)), "o", [11, 10], True),
        (Figure("same", ("EADDRNOTAVAIL",), ("EADDRINUSE",)), "T", "EADDRINUSE", False),
        (Figure("same", (1,), (True,)), "T", True, False),
        (Figure("mean", (97, 98), (96, 97), 2.0), "T", 96.5, True),
        (Figure("mean", (97, 98), (90,), 2.0), "T", 90.0, False),
        (Figure("mean", (100, 200), (95,), 6.0), "N", [95, 95], True),
        (Figure("mean", (100, 200), (93,), 6.0), "N", [93, 93], False),
        (Figure("within", (1.0, 1.03), (1.001, 1.032), 0.004, 0.032), "o", [1.001, 1.032], True),
        (Figure("within", (1.0, 1.04), (1.001, 1.032), 0.004, 0.032), "o", [1.001, 1.032], False),
        (Figure("within", (1.0, 1.03), (0.9, 1.2), 0.004, 0.032), "o", [0.9, 1.2], False),
        (Figure("within", (), (1.0, 1.2), 0.004, 0.032), "T", [1.0, 1.2], False),
        (Figure("same", (), ("EOF",)), "T", ["EOF"], False),
        (Figure("chi-square", (90, 110), (9, 11), 10.8), "T", [9, 11], True),
        (Figure("chi-square", (90, 110), (19, 1), 10.8), "T", [19, 1], False),
        (Figure("series", (0.2, 0.6), ((0.3, 0.6), (0.205, 0.61), (0.2,)), 0.012), "T", [0.205, 0.61], True),
        (Figure("series", (0.2, 0.6), ((0.3, 0.6), (0.2,)), 0.012), "T", [0.3, 0.6], False),
        (Figure("mean", (5, 5), (), 1.0), "T", None, False),
    ],
)
def test_a_quantity_is_judged_by_its_rule(figure: Figure, class_: str, simulated: Any, ok: bool) -> None:
    row = judge(figure)

    assert (row.class_, row.simulated, row.ok) == (class_, simulated, ok)
    assert row.tolerance == figure.allowed


def test_what_is_not_compared_is_a_row_with_its_reason() -> None:
    row = judge(Figure("none", (), reason="no quantity of the simulator"))

    assert (row.ok, row.simulated, row.reason) == (None, None, "no quantity of the simulator")
    assert row.words()[-1] == "not compared"


def play(name: str, tree: Mapping[str, Any]) -> list[Any] | None:
    if name == "broken":
        raise AssertionError("a port is bound twice")
    if name == "misjudged":
        return [Figure("series", (1,), (1,))]
    return [Figure("same", (1,), (1,))] if name == "known" else None


@pytest.mark.parametrize(
    ("name", "ok", "reason"),
    [
        ("known", True, ""),
        ("new", False, "no measurement of this id is known"),
        ("broken", False, "AssertionError"),
        ("misjudged", False, "TypeError"),
    ],
)
def test_one_that_is_unknown_or_fails_is_a_row_that_is_out(name: str, ok: bool, reason: str) -> None:
    (found,) = reproduce([Measurement(name, "", {})], play, Inline())

    assert found.ok is ok
    assert reason in found.rows[0].reason


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", r"f\.json:1:2: no JSON document \(Expecting property name"),
        ("[]", r"f\.json: measurements: is required; write a list of measurements"),
        ('{"measurements": []}', r"f\.json: measurements: is required"),
        ('{"measurements": [3]}', r"f\.json: measurements\.0: 3 should be a mapping"),
        ('{"measurements": [{"id": "a"}]}', r"f\.json: measurements\.0\.result: is required"),
        ('{"measurements": [{"id": 4, "result": {}}]}', r"f\.json: measurements\.0\.id: 4 should be text"),
        ('{"measurements": [{"id": "a", "result": {}}, {"id": "a", "result": {}}]}', r"f\.json: .*a occurs twice"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "f.json"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(InputError, match=said):
        read_measurements(file)


@pytest.mark.parametrize(
    ("machine", "kernel"),
    [
        ('"machine": {"kernel": "Linux 7.1"}, ', "Linux 7.1"),
        ('"machine": 4, ', "a kernel that the file does not name"),
        ("", "a kernel that the file does not name"),
    ],
)
def test_a_file_names_its_kernel_and_the_tolerances_that_it_states(machine: str, kernel: str, tmp_path: Path) -> None:
    file = tmp_path / "f.json"
    entry = '{"id": "a", "result": {}, "suggested_tolerance": "exact"}'
    file.write_text(f'{{{machine}"measurements": [{entry}]}}', encoding="utf-8")

    found = read_measurements(file)

    assert found.kernel == kernel
    assert [one.stated for one in found.measurements] == ["exact"]
