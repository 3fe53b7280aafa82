"""Classes by spread, and how far a simulated figure may lie from the measured ones."""

import pytest

from sim.validation.tolerance import COUNT, FIGURE, INSTANT, class_of, judge, tolerance_of


@pytest.mark.parametrize(
    ("measured", "class_"),
    [
        ([100, 101, 102], "T"),
        ([100, 105, 109], "o"),
        ([100, 130, 90], "N"),
        ([0, 0, 0], "T"),
        ([0, 0, 1], "N"),
        ([5], "T"),
    ],
)
def test_the_class_follows_the_relative_spread(measured: list[float], class_: str) -> None:
    assert class_of(measured) == class_


@pytest.mark.parametrize(
    ("measured", "class_", "sort", "tolerance"),
    [
        ([1000, 1000, 1000], "T", FIGURE, 30),
        ([1000, 1000, 1000], "o", FIGURE, 100),
        ([10, 10, 10], "T", COUNT, 2),
        ([45, 45, 45], "T", COUNT, 2.25),
        ([16, 16, 17], "o", COUNT, 49 / 30),
        ([20, 20, 20], "T", INSTANT, 0.5),
        ([60, 60, 60], "T", INSTANT, 1.2),
    ],
)
def test_a_tolerance_is_a_share_of_the_mean_or_what_its_sort_allows(
    measured: list[float], class_: str, sort: str, tolerance: float
) -> None:
    assert tolerance_of(measured, class_, sort) == pytest.approx(tolerance)


def test_the_measured_range_is_allowed_where_it_is_wider() -> None:
    assert tolerance_of([90, 100, 116], "T", FIGURE) == pytest.approx(14)


def test_a_tight_quantity_is_compared_with_the_mean_of_the_replays() -> None:
    verdict = judge("x", [100, 100, 101], [90, 112], sort=FIGURE, is_reproducible=True)

    assert (verdict.class_, verdict.simulated, verdict.ok) == ("T", 101, True)


def test_a_noisy_quantity_is_a_range_that_has_to_overlap() -> None:
    apart = judge("x", [10, 20, 30], [31, 40], sort=COUNT, is_reproducible=True)
    touching = judge("x", [10, 20, 30], [30, 40], sort=COUNT, is_reproducible=True)

    assert (apart.class_, apart.simulated, apart.ok) == ("N", [31, 40], False)
    assert touching.ok


def test_what_is_not_reproducible_is_noisy_whatever_its_spread() -> None:
    assert judge("x", [5, 5, 5], [4, 6], sort=COUNT, is_reproducible=False).class_ == "N"


def test_what_was_not_simulated_is_a_row_that_is_not_ok() -> None:
    verdict = judge("x", [5, 5, 5], [], sort=COUNT, is_reproducible=True)

    assert (verdict.simulated, verdict.ok) == (None, False)
