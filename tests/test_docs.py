"""The pages of docs/ say what the sources say: what is generated is up to date, each key and column has a line."""

import re
from pathlib import Path

import pytest

from models.handshake_metrics import HANDSHAKE_METRICS, HANDSHAKE_WINDOWS
from models.item_metrics import ITEM_METRICS, ITEM_WINDOWS
from models.metrics import RUN_METRICS
from models.mqtt_metrics import MQTT_METRICS, MQTT_WINDOWS
from models.scenario import Scenario
from models.session_metrics import SESSION_METRICS, SESSION_WINDOWS
from models.skew import SKEW
from models.tuning_metrics import TUNING_METRICS, TUNING_WINDOWS
from sim.scenario import json_schema, walk_keys
from sim.scenario.shape import snake
from sim.study.study import Study
from tools import make_docs
from tools.column_table import without_meaning
from tools.exposed_table import shipped_dashboard
from tools.key_table import keys_of
from tools.machine_page import machine_page, machines
from tools.source_tables import simplification_list

DOCS = make_docs.DOCS
MERMAID = re.compile(r"```mermaid\n(.*?)```", re.DOTALL)
ARROW = re.compile(r"    (\[\*\]|[A-Za-z]\w*) --> (\[\*\]|[A-Za-z]\w*)(?:: \w+(?:, \w+)*(?: / \w+)?)?")
RESERVED = {"as", "class", "classdef", "direction", "end", "note", "state", "statediagram"}
ROOMS = ("backend", "dns", "kernel", "network", "tls", "transport", "workload")
SHEETS = sorted({*ROOMS, *(path.stem for path in DOCS.glob("models/*.md"))})
CHAPTERS = (
    "Scope", "Limitations", "States and rules", "Parameters", "Outputs", "Validation", "An example", "References",
)  # fmt: skip


def name_of(path: Path) -> str:
    return str(path.relative_to(DOCS))


def diagrams() -> list[str]:
    return [found for path in make_docs.pages() for found in MERMAID.findall(path.read_text("utf-8"))]


def ids_of(diagram: str) -> set[str]:
    arrows = [ARROW.fullmatch(line) for line in diagram.splitlines()[1:]]
    return {one for arrow in arrows if arrow for one in arrow.groups()[:2]} - {"[*]"}


@pytest.mark.parametrize("path", make_docs.pages(), ids=name_of)
def test_the_generated_parts_of_a_page_are_those_of_the_sources(path: Path) -> None:
    text = path.read_text("utf-8")

    assert make_docs.filled(text) == text, f"docs/{name_of(path)} says what the sources said before: run `make docs`"


@pytest.mark.parametrize("path", make_docs.pages(), ids=name_of)
def test_every_region_has_one_end(path: Path) -> None:
    marks = re.findall(r"<!-- (generated|end)\b", path.read_text("utf-8"))

    assert marks == ["generated", "end"] * (len(marks) // 2)


@pytest.mark.parametrize("name", machines())
def test_every_state_machine_has_a_page_of_its_own(name: str) -> None:
    page = DOCS / "machines" / f"{name}.md"

    written = page.read_text("utf-8") if page.is_file() else ""
    assert written == machine_page(machines()[name]), (
        f"docs/machines/{name}.md is not that of the table: run `make docs`"
    )


def test_the_shipped_dashboard_is_that_of_the_metrics() -> None:
    assert make_docs.DASHBOARD.read_text("utf-8") == shipped_dashboard(), "a metric has changed: run `make docs`"


def test_every_machine_page_has_its_machine() -> None:
    pages = {path.stem for path in (DOCS / "machines").glob("*.md")} - {"README"}

    assert pages <= machines().keys(), "a machine is gone or has another name: remove its page"


def test_every_key_of_a_scenario_stands_in_exactly_one_table() -> None:
    shown = [row for place in make_docs.places("parameters") for row in make_docs.parameters(place).splitlines()[2:]]

    assert len(shown) == len(list(keys_of(Scenario))), "a `parameters` region for its place is missing, or twice there"


def test_every_key_of_the_schema_has_a_row() -> None:
    written = {".".join(key.path): key.written for key in keys_of(Scenario)}
    # distributions and guards may stand at many places: their kinds have tables of their own; obey has no settings
    apart = ("distribution", "list of one of", "fifo", "one of obey")
    drawn = tuple(f"{path}." for path, words in written.items() if any(word in words for word in apart))

    lacking = [
        key for key in walk_keys(json_schema(Scenario)) if key.removesuffix(".[]").removesuffix(".*") not in written
    ]
    assert [key for key in lacking if not key.startswith(drawn)] == [], "tools/key_table.py does not reach these keys"


def test_every_kind_of_guard_has_its_table() -> None:
    sheets = "".join((DOCS / "models" / f"{name}.md").read_text("utf-8") for name in ("protection", "limits"))

    kinds = next(key.written for key in keys_of(Scenario) if key.path == ("clients", "*", "guards")).split("of ")[-1]
    rows = {kind: re.search(rf"^(`{kind}`:|\| `{kind}[.`])", sheets, re.MULTILINE) for kind in kinds.split(", ")}
    assert [kind for kind, row in rows.items() if row is None] == []


def test_every_key_says_what_it_is() -> None:
    silent = [".".join(key.path) for cls in (Scenario, Study) for key in keys_of(cls) if not key.told]

    assert silent == [], "write the string below the field: it is the key's line in every table"


def test_every_column_has_a_meaning_and_every_meaning_a_column() -> None:
    assert without_meaning() == [], "write what the column is in models/columns.py, or remove the words for it"


def test_every_simplification_of_the_models_is_told() -> None:
    sheets = "\n".join(path.read_text("utf-8") for path in make_docs.pages())

    lacking = [line for line in simplification_list("models").splitlines() if line not in sheets]
    assert lacking == [], "a deviation that no page names: a `simplified` region for its room is missing"


@pytest.mark.parametrize("name", SHEETS)
def test_every_room_has_a_data_sheet_with_its_chapters_in_order(name: str) -> None:
    sheet = DOCS / "models" / f"{name}.md"
    text = sheet.read_text("utf-8") if sheet.is_file() else ""

    found = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert tuple(found) == CHAPTERS, "the order is that of docs/README.md: may I use this for my outage comes first"


def test_every_page_is_reached_from_the_index() -> None:
    named = {
        (index.parent / target).resolve()
        for index in (DOCS / "README.md", DOCS / "lint" / "README.md")  # a rule's page is found from its table
        for target in re.findall(r"\]\(([^)#]+\.md)", index.read_text("utf-8"))
    }

    pages = {path.resolve() for path in make_docs.pages()} - {(DOCS / "README.md").resolve()}
    unreachable = {path.name for path in pages - named if path.parent.name not in {"adr", "machines"}}
    assert unreachable == set(), "docs/README.md does not name these pages"


def anchors(text: str) -> set[str]:
    """The headings of a page as links name them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("path", make_docs.pages(), ids=name_of)
def test_a_link_to_a_heading_meets_one(path: Path) -> None:
    links = re.findall(r"\]\(([^)#:]*\.md)?#([\w-]+)\)", path.read_text("utf-8"))

    targets = [(target, anchor, (path.parent / target if target else path)) for target, anchor in links]
    lost = [f"{target}#{anchor}" for target, anchor, page in targets if anchor not in anchors(page.read_text("utf-8"))]
    assert lost == [], "no such heading there"


@pytest.mark.parametrize("path", make_docs.pages(), ids=name_of)
def test_a_file_that_a_page_names_is_there(path: Path) -> None:
    named = re.findall(r"`((?:models|sim|tests|tools|experiments|notebooks|docs)/[\w/.-]+)`", path.read_text("utf-8"))

    assert [one for one in named if not (make_docs.ROOT / one).exists()] == [], "moved or renamed since"


def sources() -> str:
    """The sources' texts, and the names that they put together from parts."""
    paths = [path for room in ("models", "sim") for path in (make_docs.ROOT / room).rglob("*.py")]
    return "\n".join(
        [
            *(path.read_text("utf-8") for path in paths),
            *(*RUN_METRICS, *SKEW, *TUNING_METRICS, *TUNING_WINDOWS, *SESSION_METRICS, *SESSION_WINDOWS),
            *(*MQTT_METRICS, *MQTT_WINDOWS),
            *(*HANDSHAKE_METRICS, *HANDSHAKE_WINDOWS, *ITEM_METRICS, *ITEM_WINDOWS),
        ]
    )


def prose_of(text: str) -> str:
    """What was written by hand, without the examples, which run; of a data sheet its outputs."""
    plain = re.sub(r"```.*?```", "", make_docs.REGION.sub("", text), flags=re.DOTALL)
    outputs = re.search(r"^## Outputs$(.*?)^## ", plain, re.MULTILINE | re.DOTALL)
    return outputs[1] if outputs else plain


def test_metrics_columns_and_keys_of_the_prose_are_words_of_the_sources() -> None:
    text = sources()
    pages = [*(DOCS / "guide").glob("*.md"), *(DOCS / "models").glob("*.md")]
    named = {
        word for path in pages for word in re.findall(r"`([a-zA-Z]\w*[a-zA-Z0-9])`", prose_of(path.read_text("utf-8")))
    }

    spelled = {word: (word, snake(word), re.sub(r"\d+$", "{}", word)) for word in named}
    strange = [word for word, forms in spelled.items() if not any(form in text for form in forms)]
    assert strange == [], "renamed since, or a name that is only nearly right"


@pytest.mark.parametrize("diagram", diagrams(), ids=range(len(diagrams())))
def test_a_diagram_is_well_formed(diagram: str) -> None:
    head, *lines = diagram.splitlines()

    assert head == "stateDiagram-v2"
    assert [line for line in lines if not ARROW.fullmatch(line)] == [], "not an arrow as Mermaid reads it"
    assert {one for one in ids_of(diagram) if one.lower() in RESERVED} == set(), "a word that Mermaid keeps for itself"
