"""Where time went: phases that follow one another, parts within them, rows around a quantile."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.analysis.decomposition import decompose, lengths
from sim.records.phase import Part, Phase

PHASES = (
    Phase(name="waits", until="got", unless="was_there", parts=(Part(name="builds", later="built", earlier="began"),)),
    Phase(
        name="is away", until="back", parts=(Part(name="queues", length="queued"), Part(name="works", length="worked"))
    ),
    Phase(name="reads", until="end"),
)
ROW = {
    "begin": 0.0, "began": 0.5, "built": 1.5, "was_there": False, "got": 2.0, "queued": 1.0, "worked": 2.0, "back": 6.0,
    "end": 7.0,
}  # fmt: skip


def of(**changes: float | bool | None) -> dict[str, float]:
    return lengths(pl.DataFrame([ROW | changes]), "begin", PHASES).row(0, named=True)


def test_parts_are_taken_out_of_their_phase() -> None:
    assert of() == {"builds": 1.0, "waits": 1.0, "queues": 1.0, "works": 2.0, "is away": 1.0, "reads": 1.0}


def test_a_part_that_belongs_to_somebody_else_stays_in_the_phase() -> None:
    assert of(was_there=True)["waits"] == 2.0
    assert of(was_there=True)["builds"] == 0.0


def test_an_instant_that_never_came_leaves_the_rest_to_the_phase_before() -> None:
    assert of(back=None, worked=None, end=9.0) == {
        "builds": 1.0, "waits": 1.0, "queues": 1.0, "works": 0.0, "is away": 6.0, "reads": 0.0,
    }  # fmt: skip
    assert of(got=None, back=None)["waits"] == 6.0


def test_a_part_takes_no_more_than_its_phase_has() -> None:
    assert of(queued=3.0, worked=3.0)["works"] == 1.0
    assert of(queued=3.0, worked=3.0)["is away"] == 0.0


def test_a_row_without_an_end_has_no_way() -> None:
    assert lengths(
        pl.DataFrame([ROW | {"end": None}], schema_overrides={"end": pl.Float64}), "begin", PHASES
    ).is_empty()


@given(st.lists(st.lists(st.floats(0, 10), min_size=3, max_size=3), min_size=1, max_size=50))
def test_phases_sum_up_to_the_whole(steps: list[list[float]]) -> None:
    rows = [ROW | {"got": a, "back": a + b, "end": a + b + c, "queued": b / 3, "worked": c} for a, b, c in steps]

    times = lengths(pl.DataFrame(rows), "begin", PHASES)

    assert times.sum_horizontal().to_list() == pytest.approx([a + b + c for a, b, c in steps])
    for share in decompose(times, [0.5, 0.99]):
        assert sum(share.phases.values()) == pytest.approx(share.whole)


def test_a_quantile_is_told_by_the_rows_around_it() -> None:
    rows = [ROW | {"end": 6.0 + i / 1000} for i in range(1000)]

    mean, median, last = decompose(lengths(pl.DataFrame(rows), "begin", PHASES), [0.5, 0.99, 0.9999])

    assert (mean.p, median.p, last.p) == (None, 0.5, 0.99)
    assert median.whole == pytest.approx(6.5, abs=0.01)
    assert (mean.n, median.n, last.n) == (1000, 10, 10)
    assert last.largest == "works"


def test_of_nothing_there_is_nothing_to_tell() -> None:
    assert decompose(lengths(pl.DataFrame([ROW]).clear(), "begin", PHASES), [0.5]) == []
