"""What the charts draw: lines, labels, limits and units, read back from the figure."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation, Text

from sim.report.chart_against_limit import chart_against_limit
from sim.report.chart_arms import Bar, chart_arms, height_of
from sim.report.chart_bars import chart_bars
from sim.report.chart_lines import Axis, Line, chart_lines
from sim.report.chart_percentiles import chart_percentiles, nines
from sim.report.chart_timeline import Beside, Event, chart_timeline
from sim.report.figure import DPI, SIZE, End, blank, house_style, label_ends, spread
from sim.report.palette import ALARM, OURS


def axes(rows: int = 1) -> list[Axes]:
    with house_style():
        return blank(rows)[1]


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_a_figure_is_seven_by_four_inches_at_150_dpi() -> None:
    figure, _ = blank()

    assert tuple(figure.get_size_inches()) == SIZE == (7.0, 4.0)
    assert figure.dpi == DPI == 150


def test_the_answer_is_the_title_and_the_question_stands_below_it() -> None:
    (ax,) = axes()

    chart_against_limit(ax, [0, 1], {"taken": [0, 5]}, limit=("range", 10), answer="Half is left\nHow much is taken?")

    assert ax.get_title(loc="left") == "Half is left"
    assert "How much is taken?" in texts(ax)


def test_levels_are_drawn_against_a_limit_that_carries_its_name() -> None:
    (ax,) = axes()

    chart_against_limit(ax, [0, 1, 2], {"a": [0, 100, 200], "b": [0, 50, 60]}, limit=("range", 28_232))

    assert [np.asarray(line.get_ydata()).tolist() for line in ax.lines[:2]] == [[0, 100, 200], [0, 50, 60]]
    assert {"a", "b", "range: 28,232"} <= set(texts(ax))
    assert ax.get_ylim() == pytest.approx((0, 28_232 * 1.1))
    assert ax.get_xlabel() == "time since start (s)"


def test_a_level_above_its_limit_stays_in_the_picture() -> None:
    (ax,) = axes()

    chart_against_limit(ax, [0, 1], {"a": [0, 500]}, limit=("cap", 100))

    assert ax.get_ylim()[1] > 500


def test_arms_differ_in_colour_dash_and_marker() -> None:
    (ax,) = axes()

    chart_lines(ax, {name: Line(x=[1, 2], mean=[3, 4]) for name in "ab"}, Axis(x="rate (1/s)", y="p99 (ms)"))

    looks = [(to_hex(line.get_color()).upper(), line.get_linestyle(), line.get_marker()) for line in ax.lines]
    assert looks == [(OURS, "-", "o"), (ALARM, "--", "s")]


def test_an_interval_is_a_band_and_replications_are_points() -> None:
    (ax,) = axes()
    line = Line(x=[1, 2], mean=[3, 4], low=[2, 3], high=[4, 5], raw=[(1, 2.5), (1, 3.5), (2, 4.0)])

    chart_lines(ax, {"a": line}, Axis(x="rate (1/s)", y="p99 (ms)"))

    assert len(ax.collections) == 2, "one band, one cloud of points"
    assert np.asarray(ax.collections[1].get_offsets()).shape == (3, 2)


def test_a_log_scale_is_said_aloud_and_zero_is_on_the_other_axis() -> None:
    (ax,) = axes()

    chart_lines(ax, {"a": Line(x=[10, 100], mean=[3, 4])}, Axis(x="rate (1/s)", y="p99 (ms)", log_x=True))

    assert ax.get_xlabel() == "rate (1/s), log scale"
    assert ax.get_xscale() == "log"
    assert ax.get_ylim()[0] == 0


def test_of_points_close_together_on_a_log_scale_the_first_is_named() -> None:
    (ax,) = axes()
    points = [1, 30, 59, 61, 90]

    chart_lines(ax, {"a": Line(x=points, mean=[1] * 5)}, Axis(x="t (s)", y="n", log_x=True))

    assert [text.get_text() for text in ax.get_xticklabels()] == ["1", "30", "59", "", "90"]


def test_more_than_five_arms_get_a_legend() -> None:
    (ax,) = axes()

    chart_lines(ax, {str(i): Line(x=[1, 2], mean=[i, i]) for i in range(6)}, Axis(x="x", y="y"))

    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == list("012345")


def test_shares_are_percentages_against_the_fair_share() -> None:
    (ax,) = axes()

    chart_bars(ax, ["b0", "b1"], {"fixed": [1.0, 0.0], "rotate": [0.5, 0.5]}, intervals={"rotate": [(0.4, 0.6)] * 2})

    assert [bar.get_width() for bar in ax.patches if isinstance(bar, Rectangle)] == [100, 0, 50, 50]
    assert {"100.0 %  fixed", "50.0 %  rotate", "50.0 %", "fair share: 50 %"} <= set(texts(ax))
    assert ax.get_xlabel() == "share (%)"
    assert len(ax.containers) == 3, "bars of two arms, whiskers of one"


def test_each_arm_has_a_bar_with_its_value() -> None:
    (ax,) = axes()

    chart_arms(
        ax, {"two": Bar(mean=0.41, low=0.40, high=0.42), "hundred": Bar(mean=0.02, low=0, high=0.04)}, xlabel="x"
    )

    assert [text.get_text() for text in ax.get_yticklabels()] == ["two", "hundred"]
    assert {"0.41", "0.02"} <= set(texts(ax))


def test_panels_share_the_time_and_events_cross_all_of_them() -> None:
    panels = axes(2)
    counts = {"requests": {"in flight": [1, 2, 3]}, "goroutines": {"client": [4, 5, 6]}}

    chart_timeline(panels, [0, 1, 2], counts, beside=Beside([Event("pause", 1, 1.5)]))

    assert [ax.get_ylabel() for ax in panels] == ["requests", "goroutines"]
    assert [len(ax.lines) for ax in panels] == [2, 2], "the count and the event's line"
    assert [len(ax.patches) for ax in panels] == [1, 1], "the event's span"
    assert "pause" in texts(panels[0])
    assert "pause" not in texts(panels[1])


def test_a_label_longer_than_a_panel_is_high_goes_in_two_lines() -> None:
    panels, alone = axes(2), axes()
    counts = {"set_max_idle_conns_per_host": {"": [1, 2]}, "set_streams": {"": [1_000_000, 2_000_000]}}

    chart_timeline(panels, [0, 1], counts)
    chart_timeline(alone, [0, 1], {"set_max_idle_conns_per_host": {"": [1, 2]}})

    assert [ax.get_ylabel() for ax in panels] == ["set_max_idle_\nconns_per_host", "set_streams"]
    assert alone[0].get_ylabel() == "set_max_idle_conns_per_host"
    assert panels[1].yaxis.get_major_formatter()(1_000_000) == "1,000,000"


def test_names_of_events_close_together_stand_above_one_another() -> None:
    (ax,) = axes()

    chart_timeline(
        [ax], list(range(121)), {"n": {"": [1] * 121}}, beside=Beside([Event("pause", 30), Event("deploy", 32)])
    )

    heights = {text.get_text(): text.xyann[1] for text in ax.texts if isinstance(text, Annotation)}
    assert heights["deploy"] > heights["pause"]


def test_each_nine_takes_the_same_width() -> None:
    (ax,) = axes()

    chart_percentiles(ax, {"all": [(0.5, 10), (0.9, 20), (0.99, 100)]}, ylabel="latency (ms)")

    assert nines(0.99) - nines(0.9) == pytest.approx(nines(0.999) - nines(0.99))
    assert [text.get_text() for text in ax.get_xticklabels()] == ["50", "90", "99"]
    assert ax.get_ylabel() == "latency (ms)"


def test_labels_are_moved_apart_and_keep_their_order() -> None:
    placed = spread([0.5, 0.51, 0.0, 0.99, 1.0], 0.1)

    assert placed == pytest.approx([0.5, 0.6, 0.0, 0.9, 1.0])


def test_labels_at_the_top_push_downwards() -> None:
    assert spread([1.0, 1.0, 1.0], 0.2) == pytest.approx([0.6, 0.8, 1.0])


def test_the_line_to_a_moved_label_ends_at_its_left_edge() -> None:
    (ax,) = axes()
    ax.set(xlim=(0, 1), ylim=(0, 1))

    label_ends(ax, [End(name, 0.0, "k") for name in ("first of three", "second of three", "third of three")])

    ax.figure.draw_without_rendering()  # type: ignore[union-attr]
    moved = [text for text in ax.texts if isinstance(text, Annotation) and text.arrow_patch is not None]
    assert len(moved) == 2
    left = min(Text.get_window_extent(text).x0 for text in ax.texts)
    assert all(text.arrow_patch.get_window_extent().x1 <= left + 1 for text in moved if text.arrow_patch), (
        "a line that goes on to the middle of its label runs through the label below"
    )


def test_the_house_style_ends_with_its_block() -> None:
    from matplotlib import rcParams

    before = rcParams["axes.spines.top"]

    with house_style():
        inside = rcParams["axes.spines.top"]

    assert (inside, rcParams["axes.spines.top"]) == (False, before)


def test_long_names_of_bars_are_folded_and_the_figure_grows_with_them() -> None:
    name = "pool_100_100_30s_as_recommended, rate 150, idle_conn_timeout 30, response_header_timeout 5, backends 5"
    with house_style():
        figure, (ax,) = blank(1, height_of([name, "b"]))
        chart_arms(ax, {name: Bar(mean=1, low=1, high=2), "b": Bar(mean=2, low=1, high=3)}, xlabel="x")
        figure.draw_without_rendering()

    assert ax.get_position().width > 0.4
    labels = [label.get_window_extent() for label in ax.get_yticklabels()]
    assert not labels[0].overlaps(labels[1])
