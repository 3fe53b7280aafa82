"""The colours of every picture: Okabe and Ito's, which stay apart for the colour-blind. Not the page's style sheet."""

from typing import Any

OURS = "#0072B2"
ALARM = "#D55E00"
GREEN = "#009E73"
AMBER = "#E69F00"
SKY = "#56B4E9"
PINK = "#CC79A7"

INK = "#1A1A1A"
"""Text and what was measured in reality; pure black would be left out of an SVG, and no theme could turn it."""
QUIET = "#5F6368"
"""Axes, ticks and second lines of text."""
LIMIT = "#8C8C8C"
"""Limits, fair shares and other lines to compare with."""
GROUND = "#FFFFFF"
SHADE = "#D9D9D9"
"""The ground of a span of time, such as a fault."""

ORDER = (OURS, ALARM, GREEN, PINK, SKY, AMBER)
"""The colour of the n-th arm, the same in every picture of a report."""
DASHES = ("-", "--", ":", "-.", (0, (6, 2, 1, 2)), (0, (1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P")


def look(i: int) -> tuple[str, Any, str]:
    """Colour, dash and marker of the i-th line; beyond six the colours come again with other dashes and markers."""
    n, again = len(ORDER), i // len(ORDER)
    return ORDER[i % n], DASHES[(i + again) % n], MARKERS[(i + again) % n]


DARK = {
    OURS: "#4FA8DE",
    ALARM: "#F0803C",
    GREEN: "#2CC39A",
    AMBER: "#F2B632",
    SKY: "#7CC7F2",
    PINK: "#DE9CC1",
    INK: "#ECECEC",
    QUIET: "#A8ADB3",
    LIMIT: "#8F8F8F",
    SHADE: "#3A3D42",
    GROUND: "#16181C",
}
"""The same hues for a dark ground, each at a contrast of 3:1 or more against #16181C (WCAG 2.2, 1.4.11)."""


def variable(colour: str) -> str:
    """The CSS custom property that stands for a colour in a page."""
    return "--c-" + colour.lstrip("#").lower()
