"""Fix: characters that a rule would put in the place of others. What no edit touches stays as it is, byte for byte."""

import json
import re
from typing import Any

from sim.lint.document import Document
from sim.lint.expression import CannotJudgeError
from sim.lint.finding import Edit
from sim.lint.model import Model
from sim.lint.rule import Rule
from sim.lint.text import Path
from sim.lint.unit import UNITS

_NUMBERS = {"count", "double", "flag", "ms_number", "s_number"}


def edits_of(rule: Rule, document: Document, model: Model, *, path: Path, names: dict[str, Any]) -> tuple[Edit, ...]:
    """The edits of a fix; none where the text cannot be changed without touching something else."""
    if "text" in rule.fix:
        return _into_block(document, model.origins[str(path[0]), int(path[1])].path, rule.fix["text"])
    place, unit = _place(rule, model, path)
    if place is None or place in document.aliased or any(place[:n] in document.aliased for n in range(len(place))):
        return ()
    if rule.fix.get("delete"):
        return _without_line(document, place)
    try:
        value = None if rule.fix_value is None else rule.fix_value.value(names)
    except CannotJudgeError:
        return ()
    if value is None:
        return ()
    text = UNITS[unit].write(value) if isinstance(value, int | float) else str(value)
    if document.syntax == "go" and "time." in text and '"time"' not in document.text.content:
        return ()  # it would not compile without the import
    spot = document.spots.get(place)
    if spot is not None:
        return (Edit(spot.start, spot.end, _quoted(document, spot.start, text, unit)),)
    return _inserted(document, place, text, unit=unit)


def _place(rule: Rule, model: Model, path: Path) -> tuple[Path | None, str]:
    name = rule.fix.get("field") or rule.at
    if rule.within == "file":
        return (*path, *name.split(".")) if name else path, "any"
    origin = model.origins[str(path[0]), int(path[1])]
    known = origin.fields.get(name)
    return origin.place(name), "any" if known is None else known.unit


def _quoted(document: Document, start: int, text: str, unit: str) -> str:
    """A value in the quotes of the one that it replaces."""
    before = document.text.content[start : start + 1]
    if document.syntax == "yaml" and before in {'"', "'"} and unit not in _NUMBERS:
        return f"{before}{text}{before}"
    return text


def _without_line(document: Document, place: Path) -> tuple[Edit, ...]:
    spot, content = document.spots.get(place), document.text.content
    if spot is None:
        return ()
    start = content.rfind("\n", 0, spot.key) + 1
    end = content.find("\n", spot.end)
    end = len(content) if end < 0 else end + 1
    rest = content[spot.end : end].strip()
    if content[start : spot.key].strip() or rest not in {"", ";"}:
        return ()  # something else stands in the line
    return (Edit(start, end, ""),)


def _inserted(document: Document, place: Path, text: str, *, unit: str) -> tuple[Edit, ...]:
    cut = len(place)
    while cut and place[:cut] not in document.spots:
        cut -= 1
    parent, rest = place[:cut], place[cut:]
    if not rest or any(isinstance(step, int) for step in rest):
        return ()
    keys = [str(step) for step in rest]
    if document.syntax == "go":
        return _into_literal(document, parent, f"{keys[0]}: {text}") if len(keys) == 1 else ()
    if document.syntax != "yaml" or not isinstance(document.at(parent), dict):
        return ()
    return _into_mapping(document, parent, keys, value=text if unit in _NUMBERS else _yaml_text(document, text))


def _is_json(document: Document) -> bool:
    return document.text.content.lstrip()[:1] in {"{", "["}


def _yaml_text(document: Document, text: str) -> str:
    return json.dumps(text) if _is_json(document) else text


def _into_mapping(document: Document, parent: Path, keys: list[str], *, value: str) -> tuple[Edit, ...]:
    """Before the mapping's first key, in its style and its column."""
    content, held = document.text.content, document.at(parent)
    is_json = _is_json(document)
    shown = [json.dumps(key) for key in keys] if is_json else keys
    said = value
    for key in reversed(shown[1:]):
        said = f"{{{key}: {said}}}"
    said = f"{shown[0]}: {said}"
    start = document.spots[parent].start
    if content[start : start + 1] == "{":
        return (Edit(start + 1, start + 1, said + _separator(content, start + 1, empty=not held)),)
    children = [document.spots[*parent, key].key for key in held if (*parent, key) in document.spots]
    first = min((at for at in children if at >= start), default=-1)
    if first < 0:
        return ()
    line_start = content.rfind("\n", 0, first) + 1
    lead = content[line_start:first]
    if lead.strip("- \t"):
        return ()
    return (Edit(first, first, f"{said}\n{' ' * len(lead)}"),)


def _separator(content: str, at: int, *, empty: bool) -> str:
    if empty:
        return ""
    spaces = re.match(r"[ \t]*\r?\n[ \t]*", content[at : at + 200])
    return "," + spaces[0] if spaces else ", "


def _into_literal(document: Document, parent: Path, said: str) -> tuple[Edit, ...]:
    spot, content = document.spots[parent], document.text.content
    inside = content[spot.start : spot.end]
    if not inside.strip():
        return (Edit(spot.start, spot.start, said),)
    lines = re.match(r"[ \t]*(?://[^\n]*)?\r?\n([ \t]*)", inside)
    if lines is None:
        return (Edit(spot.start, spot.start, f"{said}, "),)
    at = spot.start + lines.start(1)
    return (Edit(at, at, f"{lines[1]}{said},\n"),)


def _into_block(document: Document, path: Path, said: str) -> tuple[Edit, ...]:
    """Directives at the beginning of nginx's block, in the column of its first line."""
    spot, content = document.spots.get(path), document.text.content
    if spot is None or document.syntax != "nginx":
        return ()
    lines = re.match(r"[ \t]*(?:#[^\n]*)?\r?\n([ \t]*)(?=\S)", content[spot.start : spot.start + 2000])
    if lines is None or content[spot.start + lines.end(1)] == "}":
        return (Edit(spot.start, spot.start, " " + " ".join(said.splitlines())),)
    indent, at = lines[1], spot.start + lines.start(1)
    return (Edit(at, at, "".join(f"{indent}{line}\n" for line in said.splitlines())),)


def applied(content: str, edits: list[tuple[Edit, ...]]) -> tuple[str, int]:
    """The text after all fixes that do not meet, and how many those were."""
    taken: list[Edit] = []
    done = 0
    for group in edits:
        if group and not any(_meet(one, other) for one in group for other in taken):
            taken.extend(group)
            done += 1
    for edit in sorted(taken, key=lambda one: one.start, reverse=True):
        content = content[: edit.start] + edit.text + content[edit.end :]
    return content, done


def _meet(one: Edit, other: Edit) -> bool:
    return one.start <= other.end and other.start <= one.end
