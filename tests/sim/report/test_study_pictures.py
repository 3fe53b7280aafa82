"""The pictures that a study asks for: axes by any of their names, words for a quantity, a limit."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from matplotlib.axes import Axes

from sim.report.study_asked import question_of
from sim.report.study_pictures import study_pictures
from sim.report.study_record import StudyRecord
from sim.study.picture import Picture

TABLE = pl.DataFrame(
    {
        "arm": ["a", "a", "b", "b"],
        "timeout": [1.0, 2.0, 1.0, 2.0],
        "metric": ["delay"] * 4,
        "n": [3] * 4,
        "mean": [1.0, 2.0, 3.0, 4.0],
        "low": [0.9, 1.9, 2.9, 3.9],
        "high": [1.1, 2.1, 3.1, 4.1],
    }
)
TRIALS = TABLE.select("arm", "timeout", delay="mean", replication=pl.lit(0), error=pl.lit(""))
LEVELS = pl.DataFrame(
    {"picture": 0, "arm": ["a", "a", "b", "b"], "metric": "delay", "t": [0.0, 1.0] * 2, "value": [0.0, 5, 0, 7]}
)


def drawn(**asked: Any) -> Axes:
    """The axes of the one picture that a study asks for."""
    record = StudyRecord(
        name="s", question="how long?", claims=(), slo=(), pictures=({"metric": "delay", **asked},),
        axes={"timeout": "s"}, failed=(), origin={}, trials=TRIALS, table=TABLE, levels=LEVELS,
    )  # fmt: skip
    (picture,) = study_pictures(record)
    axes: Axes = picture.figure.axes[0]
    return axes


@pytest.mark.parametrize(("question", "head"), [("", "s."), ("how long?", "how long?")])
def test_the_second_line_has_a_name_or_a_question_before_what_is_drawn(question: str, head: str) -> None:
    record = StudyRecord(
        name="s", question=question, claims=(), slo=(), pictures=(), axes={"timeout": "s"}, failed=(), origin={},
        trials=TRIALS, table=TABLE, levels=LEVELS,
    )  # fmt: skip

    assert question_of(record, {}) == (question or "s")
    assert question_of(record, {"at": {"timeout": "1s"}}, "ten") == f"{head} At timeout 1s. Line: ten."


@pytest.mark.parametrize("x", ["timeout", "dialer.timeout", "clients.gateway.dialer.timeout"])
def test_an_axis_goes_by_any_longer_end_of_its_path(x: str) -> None:
    ax = drawn(chart="line", x=x)

    assert ax.get_xlabel() == f"{x} (s)"
    assert [np.asarray(line.get_xdata()).tolist() for line in ax.lines] == [[1.0, 2.0]] * 2


def test_the_words_of_a_picture_stand_at_its_axis() -> None:
    assert drawn(chart="line", label="delay of all (s)").get_ylabel() == "delay of all (s)"
    assert drawn(chart="bars", label="delay of all (s)").get_xlabel() == "delay of all (s)"
    assert drawn(chart="timeline", label="delay of all (s)").get_ylabel() == "delay of all (s)"


@pytest.mark.parametrize("chart", ["line", "timeline"])
def test_a_limit_is_a_line_with_its_name(chart: str) -> None:
    ax = drawn(chart=chart, limit={"most there are": "6"})

    assert "most there are" in [text.get_text() for text in ax.texts]
    assert [6.0, 6.0] in [np.asarray(line.get_ydata()).tolist() for line in ax.lines]


def test_only_the_arms_that_are_asked_for_are_drawn() -> None:
    assert len(drawn(chart="line", arms=["b"]).lines) == 1


@pytest.mark.parametrize(
    ("limit", "message"), [({"a": 1, "b": 2}, "limit: has 2 names; keep one"), ({"a": "many"}, "limit.a: many is not")]
)
def test_a_limit_has_one_name_and_a_quantity(limit: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Picture(chart="line", metric="delay", limit=limit)
