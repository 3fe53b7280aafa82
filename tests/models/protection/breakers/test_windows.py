"""The windows of breakers against the obvious: the whole list of outcomes, counted again at every look."""

from hypothesis import given
from hypothesis import strategies as st

from models.protection.breakers.bucket_window import BucketWindow
from models.protection.breakers.count_window import CountWindow
from models.protection.breakers.rolling_counts import RollingCounts

OUTCOMES = st.binary(min_size=30, max_size=60).map(
    lambda drawn: [(one >> 2, bool(one & 1), bool(one & 2)) for one in drawn]
)
"""How much later each outcome comes than the one before, whether it failed, whether it was slow."""

Seen = list[tuple[int, bool, bool]]


def sums(seen: Seen) -> tuple[int, int, int]:
    return len(seen), sum(failed for _, failed, _ in seen), sum(slow for _, _, slow in seen)


@given(OUTCOMES, st.integers(1, 12))
def test_a_count_window_holds_the_last_outcomes(outcomes: Seen, size: int) -> None:
    window, seen = CountWindow(size), Seen()

    for now, failed, slow in outcomes:
        window.add(now, failed, slow)
        seen.append((now, failed, slow))
        assert (window.total, window.failures, window.slow) == sums(seen[-size:])


@given(OUTCOMES, st.integers(1, 15), st.integers(1, 6), st.integers(0, 20))
def test_a_bucket_window_holds_the_buckets_up_to_the_present(outcomes: Seen, width: int, n: int, origin: int) -> None:
    window, seen, now = BucketWindow(width, n, origin), Seen(), origin

    for pause, failed, slow in outcomes:
        now += pause
        window.add(now, failed, slow)
        seen.append((now, failed, slow))
        first = ((now - origin) // width - n + 1) * width + origin
        assert (window.total, window.failures, window.slow) == sums([one for one in seen if one[0] >= first])


@given(OUTCOMES, st.integers(1, 6), st.booleans())
def test_rolling_counts_are_those_of_the_calls_that_began_in_the_window(outcomes: Seen, n: int, late: bool) -> None:
    counts, began, age = RollingCounts(n), list[tuple[int, bool]](), 0
    pending: list[tuple[int, bool]] = []

    for pause, failed, stays in outcomes:
        age += pause % 3
        counts.grow(age)
        counts.begin()
        pending.append((age, failed))
        began.append((age, failed))
        while pending and not (late and stays):
            since, was_failure = pending.pop(0)
            if counts.is_kept(since):
                (counts.fail_of if was_failure else counts.succeed_of)(since)
        kept = [one for one in began if one[0] > age - n]
        ended = [one for one in kept if one not in pending]
        assert counts.requests == len(kept)
        if not late:
            assert (counts.failures, counts.successes) == (
                sum(failed for _, failed in ended), sum(not failed for _, failed in ended),
            )  # fmt: skip
        assert 0 <= counts.failures_in_a_row <= counts.failures <= counts.requests
        assert 0 <= counts.successes_in_a_row <= counts.successes <= counts.requests
