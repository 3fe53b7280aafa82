"""A search: what each setting tried cost, whether it kept the objectives, and the best so far."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from sim.report.figure import SMALL, headline
from sim.report.palette import ALARM, LIMIT, OURS, QUIET


def chart_search(
    ax: Axes,
    costs: Sequence[float],
    kept: Sequence[bool],
    *,
    base: float | None = None,
    answer: str = "",
) -> Axes:
    """A dot per setting that keeps the objectives, a cross per one that does not, a step line of the best so far.

    Parameters
    ----------
    costs, kept
        In the order of the search, each ``(n_trials,)``.
    base
        The base scenario's cost: a thin grey line.
    """
    good = [(i + 1, cost) for i, (cost, is_kept) in enumerate(zip(costs, kept, strict=True)) if is_kept]
    bad = [(i + 1, cost) for i, (cost, is_kept) in enumerate(zip(costs, kept, strict=True)) if not is_kept]
    if bad:
        _mark(ax, bad, "x", (ALARM, "misses an objective"))
    if good:
        _mark(ax, good, "o", (OURS, "keeps the objectives"))
        best = [min(cost for _, cost in good[: i + 1]) for i in range(len(good))]
        at = [i for i, _ in good]
        ax.step([*at, len(costs)], [*best, best[-1]], where="post", color=OURS, lw=1.2, label="best so far")
    if base is not None:
        ax.axhline(base, color=LIMIT, lw=0.8, zorder=1)
        name = ax.annotate("base", (1, base), xytext=(-2, 3), xycoords=("axes fraction", "data"), ha="right",
                           textcoords="offset points")  # fmt: skip
        name.set(color=QUIET, fontsize=SMALL)
    values = [*costs, *([base] if base is not None else [])]
    ax.set(xlabel="setting tried", ylabel="cost", xlim=(0, len(costs) + 1), ylim=(min(0.0, *values), max(values) * 1.1))
    ax.yaxis.set_major_formatter("{x:,.6g}")
    ax.legend(loc="upper right")
    headline(ax, answer)
    return ax


def _mark(ax: Axes, points: Sequence[tuple[int, float]], marker: str, told: tuple[str, str]) -> None:
    x, y = [x for x, _ in points], [y for _, y in points]
    ax.scatter(x, y, marker=marker, s=18, color=told[0], linewidths=1.0, label=told[1])
