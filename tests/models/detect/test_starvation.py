"""Starvation: spells of waiting, and whether slots come back."""

from typing import Any

import numpy as np
import pytest

from models.detect.finding import Finding, Thresholds
from models.detect.starvation import starvation

T = np.arange(0.0, 60.0, 0.1)


def found(begin: float, end: float, ended: float) -> list[Finding]:
    waiting: Any = np.where((begin <= T) & (end > T), 7.0, 0.0)
    return list(starvation(T, waiting, np.full(len(T), ended), limits=Thresholds()))


@pytest.mark.parametrize(("seconds", "n"), [(9.9, 0), (10.3, 1), (55.0, 1)])
def test_ten_seconds_of_waiting_without_a_break_are_starvation(seconds: float, n: int) -> None:
    assert len(found(5.0, 5.0 + seconds, 50.0)) == n


def test_slots_that_come_back_are_busy_and_others_have_leaked() -> None:
    (busy,), (leaked,) = found(5.0, 40.0, 50.0), found(5.0, 40.0, 0.0)

    assert (busy.key, leaked.key) == ("busy", "leaked")
    assert "closed" in leaked.cure
