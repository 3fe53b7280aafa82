"""The page: everything in one file, in order, safe against what it is told."""

import re
from html.parser import HTMLParser
from pathlib import Path

from sim.report.chart_against_limit import chart_against_limit
from sim.report.figure import blank, house_style
from sim.report.page import Page, Table, Verdict, render, write
from sim.report.picture import Picture


def a_picture(name: str = "ports") -> Picture:
    with house_style():
        figure, axes = blank()
        chart_against_limit(axes[0], [0, 1], {"taken": [0, 5]}, limit=("range", 10), answer="Half is left\nHow much?")
    return Picture(
        name=name, answer="Half is left", question="How much?", caption="Mean of 20 replications.",
        alternative="A line that rises to 5 of 10", figure=figure,
    )  # fmt: skip


def a_page(**changes: object) -> Page:
    given: dict[str, object] = {
        "title": "port-exhaustion: study",
        "answer": "1 of 2 claims came out as expected",
        "verdicts": [
            Verdict(id="C04", statement="ports run out", verdict="HOLDS IF", condition="above 463/s"),
            Verdict(id="C05", statement="<script>", verdict="REFUTED", note="expected SUPPORTED", ok=False),
        ],
        "pictures": [a_picture("one"), a_picture("two")],
        "tables": [Table(title="Results", columns=("arm", "p99 (ms)"), rows=[("two", "121")], numeric=frozenset({1}))],
        "assumptions": ("No loss",),
        "command": "sim sweep ports --seed 1",
        "origin": {"seed": "1", "fingerprint": "ab12"},
    }
    return Page(**given | changes)  # type: ignore[arg-type]


class Collector(HTMLParser):
    """Ids, references and the nesting of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.references: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in {"href", "src", "xlink:href"}:
                self.references.append(value or "")


def parsed(html: str) -> Collector:
    collector = Collector()
    collector.feed(html)
    return collector


def test_a_page_refers_to_nothing_outside_itself() -> None:
    html = render(a_page())

    assert not re.search(r"https?:|//\w+\.\w|@import|<link|<script", html)
    assert all(reference.startswith("#") for reference in parsed(html).references)


def test_the_ids_of_two_pictures_do_not_meet() -> None:
    found = parsed(render(a_page()))

    assert len(found.ids) == len(set(found.ids))
    assert {reference.lstrip("#") for reference in found.references} <= set(found.ids)


def test_the_verdicts_come_before_the_pictures_and_the_table_after() -> None:
    html = render(a_page())

    places = [html.index(f"<h2>{title}</h2>") for title in ("Verdicts", "Pictures", "Results", "Assumptions")]
    assert places == sorted(places)
    assert places[-1] < html.index("sim sweep ports --seed 1")


def test_what_a_page_is_told_cannot_become_markup() -> None:
    html = render(a_page())

    assert "&lt;script&gt;" in html


def test_an_unexpected_verdict_says_so_in_words() -> None:
    html = render(a_page())

    assert 'class="verdict unexpected">REFUTED' in html
    assert "expected SUPPORTED" in html
    assert "holds if above 463/s" in html


def test_a_picture_takes_the_colours_of_the_theme_and_leaves_its_headline_to_the_page() -> None:
    drawing = a_picture().svg()

    assert "var(--c-0072b2)" in drawing
    assert "#0072b2" not in drawing.lower()
    assert "Half is left" not in drawing
    assert "range: 10" in drawing, "text stays text"


def test_a_picture_has_a_text_alternative_and_a_caption() -> None:
    html = render(a_page(pictures=[a_picture()]))

    assert 'role="img" aria-label="A line that rises to 5 of 10"' in html
    assert "<figcaption>Mean of 20 replications.</figcaption>" in html


def test_the_same_picture_gives_the_same_bytes() -> None:
    assert a_picture().svg() == a_picture().svg()


def test_a_picture_with_its_headline_is_written_as_png(tmp_path: Path) -> None:
    path = a_picture().write_png(tmp_path / "pictures")

    assert path == tmp_path / "pictures" / "ports.png"
    assert path.read_bytes().startswith(b"\x89PNG")


def test_both_themes_and_the_printer_define_every_colour() -> None:
    html = render(a_page())

    used = set(re.findall(r"var\((--c-\w+)\)", html))
    assert used
    assert all(html.count(f"{name}:") == 3 for name in used), "light, dark and print"


def test_a_page_is_written_whole_and_leaves_no_draft(tmp_path: Path) -> None:
    path = write(a_page(pictures=[]), tmp_path / "new" / "report.html")

    assert path.read_text().endswith("</html>\n")
    assert [found.name for found in path.parent.iterdir()] == ["report.html"]


def test_empty_parts_have_no_heading() -> None:
    html = render(Page(title="t", answer="a"))

    assert "<h2>" not in html


def test_rows_that_share_their_place_stand_below_it_and_long_names_fold() -> None:
    table = Table(
        title="Results", columns=("arm", "rate (/s)", "kept", "metric", "mean"), numeric=frozenset({1, 4}), grouped=3,
        rows=[("two", "100", "1", "lat_p50", "3"), ("two", "100", "1", "a<b", "4"), ("ten", "100", "1", "lat_p9", "5")],
    )  # fmt: skip

    text = render(Page(title="t", answer="a", tables=[table]))

    assert [where for where, _ in table.groups()] == ["two, rate 100/s, kept 1", "ten, rate 100/s, kept 1"]
    assert '<th>metric</th><th class="number">mean</th>' in text
    assert '<td>lat_<wbr>p50</td><td class="number">3</td>' in text
    assert "<td>a&lt;b</td>" in text
    assert text.count('scope="rowgroup" colspan="2"') == 2


def test_a_table_without_groups_has_all_of_its_columns() -> None:
    table = Table(title="t", columns=("arm", "n"), rows=[("two", "1"), ("ten", "2")])

    assert table.groups() == [("", [("two", "1"), ("ten", "2")])]
