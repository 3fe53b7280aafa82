"""What is drawn of indices: the strongest on top, from the base, with intervals."""

from typing import Any

from sim.report.sensitivity_pictures import sensitivity_pictures, sensitivity_table


def row(axis: str, index: str, value: float, reach: float | None = None, other: str = "") -> dict[str, Any]:
    ends = {"low": None, "high": None} if reach is None else {"low": value - reach, "high": value + reach}
    return {"arm": "base", "metric": "delay", "axis": axis, "other": other, "index": index, "value": value, **ends}


MORRIS = [row("a", "mu_star", 1.0, 0.2), row("a", "sigma", 0.9), row("b", "mu_star", 5.0, 0.5), row("b", "sigma", 0.1)]
SOBOL = [row("a", "S1", 0.3, 0.1), row("a", "ST", 0.5, 0.1), row("b", "S1", 0.1, 0.1), row("b", "ST", 0.6, 0.1)]
CHANGES = [
    row("", "base", 10.0, 1.0), row("a", "change", -1.0, 0.1, "1"), row("a", "change", 2.0, 0.1, "9"),
    row("b", "change", -7.0, 0.5, "x"), row("b", "change", 0.0, 0.0, "y"),
]  # fmt: skip


def labels(rows: list[dict[str, Any]]) -> list[str]:
    (picture,) = sensitivity_pictures(rows, "which?", "3 replications")
    return [text.get_text() for text in picture.figure.axes[0].get_yticklabels()]


def test_the_strongest_setting_stands_on_top() -> None:
    assert labels(MORRIS) == ["b", "a"]
    assert labels(SOBOL) == ["b", "a"]
    assert labels(CHANGES) == ["b", "a"]


def test_the_title_says_which_setting_and_how_far() -> None:
    answers = [sensitivity_pictures(rows, "which?", "3 replications")[0].answer for rows in (MORRIS, SOBOL, CHANGES)]

    assert answers == [
        "b moves delay most: by 5 over its range, on average",
        "2 of 2 settings may make the variance of delay most: their intervals meet",
        "b swings delay most: -7 at x",
    ]


def test_a_share_is_named_where_its_interval_meets_no_other() -> None:
    sure = [row("a", "S1", 0.1, 0.1), row("a", "ST", 0.2, 0.1), row("b", "S1", 0.1, 0.1), row("b", "ST", 0.6, 0.1)]

    (picture,) = sensitivity_pictures(sure, "which?", "3 replications")

    assert picture.answer == "b makes 60 % of the variance of delay, its interactions included"


def test_settings_that_cannot_be_told_apart_are_named_together() -> None:
    third = [row("c", "mu_star", 4.8, 0.4), row("c", "sigma", 0.1)]

    (picture,) = sensitivity_pictures([*MORRIS, *third], "which?", "3 replications")

    assert picture.answer == "b and c move delay most"


def test_a_swing_within_its_interval_is_no_answer() -> None:
    noise = [row("", "base", 10.0, 1.0), row("a", "change", -1.0, 2.0, "1"), row("b", "change", 2.0, 2.1, "9")]

    assert [sensitivity_pictures(noise, "which?", f"{n} replications")[0].answer for n in (3, 1)] == [
        "delay shows no change beyond the intervals in 3 replications", "delay in 1 replications",
    ]  # fmt: skip


def test_the_bars_of_a_tornado_start_at_the_base() -> None:
    (picture,) = sensitivity_pictures(CHANGES, "which?", "3 replications")

    ax = picture.figure.axes[0]
    ends = sorted((bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches)  # type: ignore[attr-defined]
    assert ends == [(10.0, 3.0), (10.0, 9.0), (10.0, 10.0), (10.0, 12.0)]
    assert "base: 10" in [text.get_text() for text in ax.texts]


def test_a_table_has_a_row_per_setting_the_strongest_first_and_pairs_last() -> None:
    pair = {**row("a", "S2", 0.2, 0.1), "other": "b"}

    assert [cells[2:4] for cells in sensitivity_table([*SOBOL, pair]).rows] == [
        ("b", "0.6"), ("a", "0.5"), ("a with b", "0.2"),
    ]  # fmt: skip
    assert [(cells[2], cells[6]) for cells in sensitivity_table(MORRIS).rows] == [("b", "0.02"), ("a", "0.90")]
    assert [cells[2:5] for cells in sensitivity_table(CHANGES).rows][:2] == [("base", "", "10"), ("a", "1", "-1")]
