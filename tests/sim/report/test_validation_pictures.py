"""The pictures of a validation: one for each experiment, written whole or not at all."""

from pathlib import Path

import pytest

from sim.evidence import read_case
from sim.execution.execute import Inline
from sim.records.disk import DiskError
from sim.report.validation_pictures import draw_experiments
from sim.validation.reality import CaseVerdict, compare_cases

CASE = Path("experiments/reality/cases/E05-ict2")


@pytest.fixture(scope="module")
def judged() -> list[CaseVerdict]:
    return list(compare_cases([CASE], read_case, Inline(), seeds=1))


def test_each_experiment_has_its_picture(judged: list[CaseVerdict], tmp_path: Path) -> None:
    (path,) = draw_experiments(judged, tmp_path / "new" / "folder")

    assert path.name == "E05.png"
    assert path.read_bytes().startswith(b"\x89PNG")


def test_a_file_in_the_place_of_the_folder_is_named(judged: list[CaseVerdict], tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")

    with pytest.raises(DiskError, match="a file stands where a directory is needed"):
        draw_experiments(judged, tmp_path / "taken")
    assert (tmp_path / "taken").read_text() == "mine"
