"""The page about a kernel: its name, and the tolerances that are not the measurement's own."""

from pathlib import Path

from sim.report.kernel_page import write_kernel_page
from sim.validation.measurements import Reproduced, Row

ROWS = [
    Row("rate=5.gap", "T", [1.0], 1.1, 0.2, ok=True, unstated="none is stated"),
    Row("rate=9.gap", "T", [1.0], 1.1, 0.1, ok=True, unstated="none is stated"),
    Row("rate=9.n", "T", [1], 2, 0.0, ok=False),
    Row("steps", "T", [9, 11], [5, 6], 10.8, ok=False, rule="chi-square"),
]
JUDGED = [Reproduced("tw-reuse", "takeover", ROWS, "gap: +0.06 | s")]


def lines(folder: Path) -> list[str]:
    return write_kernel_page(JUDGED, (), folder / "new", kernel="Linux 7.1").read_text("utf-8").splitlines()


def test_the_page_says_how_many_and_of_which_kernel(tmp_path: Path) -> None:
    page = lines(tmp_path)

    assert page[2] == "2 of 4 quantities (50.0%) of 1 measurements are within tolerance."
    assert page[3].startswith("They were taken of Linux 7.1, with")


def test_a_tolerance_that_is_not_stated_stands_with_its_reason(tmp_path: Path) -> None:
    expected = "| tw-reuse | `rate=5.gap`, `rate=9.gap` | gap: +0.06 \\| s | ±0.1, ±0.2 | none is stated |"

    assert lines(tmp_path)[-1] == expected


def test_a_chi_square_is_no_distance(tmp_path: Path) -> None:
    assert "| tw-reuse | `steps` | 9 11 | 5 6 | chi-square 10.8 |" in lines(tmp_path)
