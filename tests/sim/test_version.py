"""The commit that a manifest names."""

import subprocess
from pathlib import Path

import pytest

from sim.version import commit

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no checkout of git: there is no commit to name")
def test_the_commit_is_that_of_the_checkout() -> None:
    said = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert commit() == said.strip()
