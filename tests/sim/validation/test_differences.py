"""Reasons of what is out of tolerance: which one applies, and how a wrong file is refused."""

from pathlib import Path

import pytest

from sim.units import InputError
from sim.validation.differences import Difference, read_differences, why

ROOT = Path(__file__).parents[3]
COLD = Difference(cases=("E02-*",), quantities=("connect_*",), why="cold")
REST = Difference(cases=("*",), quantities=("*",), why="rest")


def test_the_first_reason_that_names_case_and_quantity_counts() -> None:
    assert why([COLD, REST], "E02-tw0", "connect_p50") == "cold"
    assert why([COLD, REST], "E02-tw0", "n_err") == "rest"
    assert why([COLD], "E03-dka", "connect_p50") == "", "no reason is known"


def test_a_wrong_key_is_refused_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "differences.yaml"
    file.write_text("differences:\n  - {case: [E01], quantities: [n_err], why: because}\n", encoding="utf-8")

    with pytest.raises(InputError, match=r"differences\.yaml:2:6: .*case: unknown key; did you mean cases"):
        read_differences(file)


def test_every_reason_of_the_project_names_cases_that_come_along() -> None:
    cases = [path.name for path in (ROOT / "experiments/reality/cases").iterdir()]

    known = read_differences(ROOT / "experiments/reality/differences.yaml")

    idle = [one.why for one in known if not any(one.explains(case, one.quantities[0]) for case in cases)]
    assert idle == []
