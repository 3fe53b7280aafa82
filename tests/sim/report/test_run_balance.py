"""How evenly a run's places share the load, as a sentence and as a map of loads over time."""

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from sim.report.run_balance import balance, load_map, step_of
from sim.report.run_pictures import run_pictures
from sim.report.run_record import RunRecord
from sim.report.words import Places, Words

PLACES = Places(
    one="desk", many="desks", column="desk", groups="halls", number="desks", skew="skew_", window="window"
)  # fmt: skip
WORDS = Words(
    noun="jobs", one="job", total="n", failed="bad", tail="lat_p99", rows=(), panels={}, places=PLACES,
    share=("share_", "desk"),
)  # fmt: skip
SKEW = {
    "skew_cv": 0.25, "skew_max_over_mean": 1.25, "skew_cv_by_chance": 0.1, "skew_cv_window_min": 0.2,
    "skew_cv_window_max": 0.5,
}  # fmt: skip


def a_record(desk: list[int | None], summary: dict[str, Any] | None = None, **halls: int) -> RunRecord:
    tree = {
        "name": "office",
        "window": "5s",
        "warmup": "1s",
        "halls": {name: {"desks": n} for name, n in halls.items()},
    }
    arrivals = [float(i) for i in range(len(desk))]
    requests = pl.DataFrame({"desk": desk, "t_arrival": arrivals}, {"desk": pl.Int32, "t_arrival": pl.Float64})
    return RunRecord(
        summary=SKEW if summary is None else summary, manifest={"scenario": tree, "seed": 7}, requests=requests,
        samples=pl.DataFrame(),
    )  # fmt: skip


def test_a_sentence_says_who_is_fullest_what_it_costs_and_what_is_chance() -> None:
    (line,) = balance(a_record([0, 1], hall=4), WORDS)

    assert line == (
        "hall: the fullest of 4 desks has 31.2 % of the jobs, 1.25 times an even share: the skew costs 25 % more"
        " capacity (CV 0.25, by chance alone 0.1)"
    )


def test_each_of_several_groups_has_a_sentence_of_its_own() -> None:
    summary = {f"{name}:south": figure for name, figure in SKEW.items()}

    (line,) = balance(a_record([0, 1], summary, north=1, south=2), WORDS)

    assert line.startswith("south: the fullest of 2 desks has 62.5 %")


def test_the_picture_says_whether_the_skew_moves() -> None:
    short = {name: figure for name, figure in SKEW.items() if "window" not in name}

    moving, alone = load_map(a_record([0, 1], hall=2), WORDS), load_map(a_record([0, 1], short, hall=2), WORDS)

    assert moving is not None
    assert alone is not None
    assert moving.caption.endswith("hall: in windows of 5 s CV 0.2 to 0.5.")
    assert "windows" not in alone.caption


def test_without_places_there_is_nothing_to_say() -> None:
    assert balance(a_record([0], {}, hall=1), WORDS) == []
    assert balance(a_record([0, 1], hall=2), replace(WORDS, places=None)) == []
    assert load_map(a_record([0], {}, hall=1), WORDS) is None
    assert load_map(a_record([], hall=2), WORDS) is None


def test_the_map_counts_per_second_and_by_group() -> None:
    summary = {f"{name}:{hall}": figure for hall in ("north", "south") for name, figure in SKEW.items()}
    record = a_record([2, 1, 3, None, 2, 0, 2, 2, 2, 4, 2, 2], summary, north=2, lobby=1, south=2)

    found = load_map(record, WORDS)

    assert found is not None
    assert set(found.panels) == {"north", "south"}
    assert found.steps.first == {"north": 0, "south": 3}  # one in the lobby lies between
    total = {name: float(grid.sum()) * found.steps.seconds for name, grid in found.panels.items()}
    assert total == pytest.approx({"north": 2, "south": 2})
    assert all(len(grid) == 2 for grid in found.panels.values())


def test_the_picture_marks_the_end_of_the_warm_up() -> None:
    pictures = {picture.name: picture for picture in run_pictures(a_record([0, 1] * 50, hall=2), WORDS)}

    texts = [text.get_text() for text in pictures["load"].figure.axes[0].texts]
    assert "warm-up ends" in texts
    assert pictures["load"].answer == "The fullest desk carries 1.25 times the mean"
    assert "data:image/png" in pictures["load"].svg()


def test_shares_of_many_have_a_picture_that_can_be_read() -> None:
    summary = {**SKEW, **{f"share_{i}": (i + 1) / 1275 for i in range(50)}}

    pictures = {picture.name: picture for picture in run_pictures(a_record([0, 1] * 50, summary, hall=50), WORDS)}

    assert pictures["shares"].answer.startswith("Desk 49 serves 3.92 %")
    assert pictures["shares"].figure.axes[0].get_xlabel() == "desks, the fullest first"


@pytest.mark.parametrize(("span", "number", "step"), [(60, 1e6, 0.5), (60, 600, 1), (60, 1, 2), (1200, 1e6, 10)])
def test_a_step_is_round_and_neither_too_short_nor_too_long(span: float, number: float, step: float) -> None:
    assert step_of(span, number) == pytest.approx(step)
