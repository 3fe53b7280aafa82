"""What a notebook's cell shows: a drawn figure that pyplot knows, and tables as HTML. It computes and draws nothing."""

from collections.abc import Sequence
from html import escape
from typing import Any, cast

from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.report.figure import house_style
from sim.report.page import Table

_RIGHT = ' style="text-align: right"'


def shown(figure: Figure) -> list[Axes]:
    """Hand the figure to pyplot, so that the cell shows it and `savefig`, `show` and `close` work; its axes."""
    with house_style():
        figure.draw_without_rendering()  # ticks take the style of their first drawing, which would be the notebook's
    # pyplot makes its figures by calling FigureClass: the way in for one that is there already. It stands outside the
    # style, at whose end rcParams are put back, the `interactive` that a notebook's backend sets among them.
    pyplot.figure(FigureClass=cast(Any, lambda *_, **__: figure))
    return figure.axes


def as_html(lines: Sequence[str], table: Table | None = None) -> str:
    """Paragraphs, the first one bold, and a table below them."""
    first, *others = (escape(line) for line in lines)
    told = "".join([f"<p><b>{first}</b></p>", *(f"<p>{line}</p>" for line in others)])
    return told if table is None or not table.rows else told + _table(table)


def _table(table: Table) -> str:
    heads = "".join(_cell("th", column, i in table.numeric) for i, column in enumerate(table.columns))
    rows = "".join(
        f"<tr>{''.join(_cell('td', text, i in table.numeric) for i, text in enumerate(row))}</tr>" for row in table.rows
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(tag: str, text: str, is_number: bool) -> str:
    return f"<{tag}{_RIGHT if is_number else ''}>{escape(text)}</{tag}>"
