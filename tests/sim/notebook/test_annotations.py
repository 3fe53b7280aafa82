"""What an editor and mypy know of the library's verbs from outside: every type, and a wrong chart."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SNIPPET = """
from sim import load, run, sweep

done = run(load("base.yaml", duration="5s"), seed=2)
found = sweep("study.yaml", workers=2)
reveal_type(done.summary)
reveal_type(found.frame)
reveal_type(found.plot("lat_p99", chart="heatmap", x=("rate", "kept")))
found.plot("lat_p99", chart="pie")
"""


@pytest.mark.slow
def test_a_script_of_a_user_is_checked(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SNIPPET)
    checker = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(tmp_path / "script.py")]

    told = subprocess.run(checker, capture_output=True, text=True, cwd=ROOT, check=False).stdout

    assert 'Revealed type is "dict[str, float | int]"' in told
    assert 'Revealed type is "polars.dataframe.frame.DataFrame"' in told
    assert 'Revealed type is "matplotlib.axes._axes.Axes"' in told
    assert "incompatible type \"Literal['pie']\"" in told
    assert "Found 1 error" in told
