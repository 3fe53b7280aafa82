"""The picture of a cliff keeps its room, wherever the closed forms lie."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.report.chart_cliff import Shares, chart_cliff
from sim.report.chart_lines import Axis
from sim.report.figure import blank, house_style


def a_cliff(limits: dict[str, float]) -> tuple[Figure, Axes]:
    """Two looks at 900 and 1200, all bad."""
    with house_style():
        figure, (ax,) = blank()
        shares = {"one": Shares(x=[900, 1200], share=[1, 1], n=[6, 2], good=None, bad=900)}
        chart_cliff(ax, shares, Axis(x="rate", y="share"), limits=limits, answer="answer")
        figure.draw_without_rendering()
    return figure, ax


def test_a_closed_form_far_outside_is_named_at_the_edge_and_leaves_room_for_the_axes() -> None:
    _, ax = a_cliff({"wall: 400/s": 400.0, "tower: 9,000/s": 9000.0, "fence: 300/s": 300.0})

    names = [text.get_text() for text in ax.texts]
    assert names == ["← fence: 300/s", "← wall: 400/s", "tower: 9,000/s →"]
    assert ax.get_position().width > 0.7
    assert [np.asarray(line.get_xdata()).tolist() for line in ax.lines] == [[900, 1200]], "no line where none is seen"
    boxes = [text.get_window_extent() for text in ax.texts]
    assert not any(one.overlaps(other) for i, one in enumerate(boxes) for other in boxes[:i])
    assert all(ax.bbox.x0 <= box.x0 and box.x1 <= ax.bbox.x1 for box in boxes)


def test_a_closed_form_inside_is_a_line_with_its_name() -> None:
    _, ax = a_cliff({"wall: 1,000/s": 1000.0})

    assert [text.get_text() for text in ax.texts] == ["wall: 1,000/s"]
    assert [1000.0, 1000.0] in [np.asarray(line.get_xdata()).tolist() for line in ax.lines]


def test_more_than_five_arms_have_a_legend_with_their_names() -> None:
    with house_style():
        _, (ax,) = blank()
        shares = {f"arm{i}": Shares(x=[1, 2], share=[0, 1], n=[2, 2], good=1, bad=2) for i in range(6)}
        chart_cliff(ax, shares, Axis(x="rate", y="share"), limits={}, answer="answer")

    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [*shares]
