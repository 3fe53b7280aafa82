"""Each notebook is a pair: an .ipynb without outputs, and the Python file with the same cells."""

from pathlib import Path

import jupytext
import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.py"))


@pytest.mark.parametrize("script", NOTEBOOKS, ids=lambda path: path.stem)
def test_both_of_a_pair_have_the_same_cells_and_no_outputs(script: Path) -> None:
    written, paired = jupytext.read(script), jupytext.read(script.with_suffix(".ipynb"))

    assert [(one.cell_type, one.source) for one in paired.cells] == [
        (one.cell_type, one.source) for one in written.cells
    ], f"run `jupytext --sync {script.name}`"
    assert all(not one.get("outputs") for one in paired.cells)


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS
