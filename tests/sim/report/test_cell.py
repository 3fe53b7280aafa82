"""What a notebook's cell shows."""

from collections.abc import Iterator

import matplotlib
import pytest
from matplotlib import pyplot

from sim.report.cell import as_html, shown
from sim.report.figure import blank
from sim.report.page import Table

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def no_figure_stays() -> Iterator[None]:
    yield
    pyplot.close("all")


def test_a_drawn_figure_becomes_pyplots_current_one() -> None:
    figure, axes = blank(2)

    assert shown(figure) == axes
    assert pyplot.gcf() is figure


def test_each_figure_stays_open_until_it_is_closed() -> None:
    shown(blank()[0])
    shown(blank()[0])

    assert len(pyplot.get_fignums()) == 2


def test_the_notebooks_own_style_is_left_alone() -> None:
    with matplotlib.rc_context({"font.size": 17.0, "interactive": True}):
        shown(blank()[0])

        assert (matplotlib.rcParams["font.size"], matplotlib.rcParams["interactive"]) == (17.0, True)


def test_html_escapes_what_it_says_and_sets_numbers_right() -> None:
    table = Table(title="", columns=("a<b", "n"), rows=[("x & y", "3")], numeric=frozenset({1}))

    html = as_html(["p99 < 3 s", "a warning"], table)

    assert html.startswith("<p><b>p99 &lt; 3 s</b></p><p>a warning</p><table>")
    assert '<td>x &amp; y</td><td style="text-align: right">3</td>' in html


def test_an_empty_table_is_left_out() -> None:
    assert as_html(["done"], Table(title="", columns=("a",), rows=[])) == "<p><b>done</b></p>"
