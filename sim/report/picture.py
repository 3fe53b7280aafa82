"""Picture: a drawn figure with the words that belong to it, as SVG for a page and as PNG for everything else."""

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from matplotlib.figure import Figure

from sim.records.disk import write_whole
from sim.report.figure import DPI, HEADLINE, house_style
from sim.report.palette import DARK, variable

_METADATA: Final = re.compile(r"<metadata>.*?</metadata>|<defs>\s*<style[^>]*>.*?</style>\s*</defs>", re.DOTALL)
_NAMESPACE: Final = re.compile(r'\sxmlns(?::\w+)?="[^"]*"')
_COLOUR: Final = re.compile("|".join(DARK), re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One figure that answers one question."""

    name: str
    """Letters, digits and hyphens: the file's name and the prefix of the drawing's ids."""
    answer: str
    question: str
    caption: str
    alternative: str
    """What somebody who cannot see the picture should know."""
    figure: Figure

    def svg(self) -> str:
        """The drawing without its headline, for a page: theme colours, own ids, no reference to anything outside."""
        headlines = [artist for artist in self.figure.findobj() if artist.get_gid() == HEADLINE]
        for artist in headlines:
            artist.set_visible(False)
        drawn = _save(self.figure, "svg").decode()
        for artist in headlines:
            artist.set_visible(True)
        return _inline(drawn, self.name)

    def write_png(self, folder: Path) -> Path:
        """Write ``NAME.png`` into the folder, headline included, on white ground."""
        path = folder / f"{self.name}.png"
        write_whole(path, _save(self.figure, "png"))
        return path


def _save(figure: Figure, form: str) -> bytes:
    drawn = io.BytesIO()
    with house_style():
        # Neither date nor version in the file: the same data give the same bytes.
        unsaid: dict[str, Any] = {"Date": None} if form == "svg" else {"Software": None}
        clear = form == "svg"
        figure.savefig(drawn, format=form, dpi=DPI, transparent=clear, bbox_inches="tight", metadata=unsaid)
    return drawn.getvalue()


def _inline(svg: str, name: str) -> str:
    """Make an SVG file a part of an HTML page."""
    svg = _METADATA.sub("", svg[svg.index("<svg") :])
    svg = _NAMESPACE.sub("", svg).replace("xlink:href", "href")
    svg = svg.replace(' id="', f' id="{name}-').replace("url(#", f"url(#{name}-").replace('href="#', f'href="#{name}-')
    svg = _COLOUR.sub(lambda found: f"var({variable(found[0])})", svg)
    # DejaVu Sans and Verdana come from one design, so a label keeps its place where only the second is there.
    svg = svg.replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif")
    return svg.replace("<svg", '<svg role="presentation"', 1).strip()
