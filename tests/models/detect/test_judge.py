"""Judging detectors: episodes against labels."""

import math
from typing import Any

import pytest

from models.detect.finding import Finding
from models.detect.judge import Label, judge, together, wilson
from models.detect.labels import LabelConfig, LabelsConfig


def a_finding(start: float, end: float, key: str = "10.0.1.7:80", detector: str = "half-open") -> Finding:
    return Finding(detector=detector, key=key, start=start, end=end, n=1, value=3.0, threshold=3.0, text="")


def a_label(start: float, end: float, **more: Any) -> Label:
    return Label(**{"detector": "half-open", "start": start, "end": end, **more})


def counts(findings: list[Finding], labels: list[Label]) -> tuple[int, int, int]:
    (score,) = judge(findings, labels)
    return score.hits, score.false_alarms, score.missed


@pytest.mark.parametrize(
    ("findings", "labels", "expected"),
    [
        ([a_finding(23, 30)], [a_label(20, 30)], (1, 0, 0)),
        ([a_finding(5, 6)], [a_label(20, 30)], (0, 1, 1)),
        ([a_finding(23, 24), a_finding(28, 29)], [a_label(20, 30)], (1, 0, 0)),
        ([a_finding(23, 60)], [a_label(20, 30), a_label(50, 55)], (1, 0, 1)),
        ([], [a_label(20, 30)], (0, 0, 1)),
        ([a_finding(23, 30)], [], (0, 1, 0)),
        ([a_finding(23, 30)], [a_label(20, 30, key="10.0.9.9")], (0, 1, 1)),
    ],
    ids=["hit", "outside", "a second episode", "one finding for two", "missed", "nothing was wrong", "elsewhere"],
)
def test_episodes_are_matched_with_labels(findings: Any, labels: Any, expected: tuple[int, int, int]) -> None:
    assert counts(findings, labels) == expected


def test_the_delay_is_from_the_fault_to_the_first_alarm() -> None:
    (score,) = judge([a_finding(23.5, 30)], [a_label(20, 30)])

    assert score.delays == (3.5,)


def test_scores_of_runs_add_up() -> None:
    runs = [judge([a_finding(23, 30)], [a_label(20, 30)]), judge([a_finding(1, 2)], []), judge([], [a_label(0, 1)])]

    (score,) = together([one for run in runs for one in run])

    assert (score.precision[0], score.recall[0]) == (0.5, 0.5)


def test_of_nothing_a_share_can_be_anything() -> None:
    share, low, high = wilson(0, 0)

    assert math.isnan(share)
    assert (low, high) == (0.0, 1.0)


def test_labels_are_of_the_run_that_they_name() -> None:
    labels = LabelsConfig(runs={"blackhole": (LabelConfig(detector="half-open", from_=20 * 10**9, to=35 * 10**9),)})

    assert labels.of("blackhole") == [a_label(20.0, 35.0)]
    assert labels.of("calm") == []
