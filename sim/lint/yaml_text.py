"""YAML and JSON to documents: events of libyaml to plain trees with places. Hostile texts end here.

The scanner is iterative and linear as long as flow collections are shallow, so depth is watched event by event; aliases
are expanded on a budget. Scalars are read by YAML 1.2's core schema: `yes` is text, `012` is twelve.
"""

import math
import re
from collections.abc import Iterator
from typing import Any

import yaml

from sim.lint.document import Broken, Document
from sim.lint.text import Path, Spot, Text

MAX_DEPTH = 100
"""Envoy's deepest examples have some thirty levels; libyaml takes minutes for 150,000 open brackets."""
MAX_DOCUMENTS = 1_000
MAX_NODES = 100_000
"""Of a text, aliases expanded: where alias bombs end, after about a second."""

_INT = re.compile(r"[-+]?[0-9]{1,19}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,4})?")
_BASE = re.compile(r"0x[0-9a-fA-F]{1,16}|0o[0-7]{1,21}")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None, "true": True, "True": True, "TRUE": True,
          "false": False, "False": False, "FALSE": False}  # fmt: skip
_SURROGATES = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")


class _Node:
    """A value while its text is read: children of a mapping are (key, offset of the key, node)."""

    __slots__ = ("children", "end", "is_map", "start", "value")

    def __init__(self, start: int, end: int, value: Any = None, *, is_map: bool | None = None) -> None:
        self.start, self.end, self.value, self.is_map = start, end, value, is_map
        self.children: list[tuple[str, int, _Node]] = []


class _TooMuchError(Exception):
    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.broken = Broken(offset, message)


def read_yaml(text: Text) -> Iterator[Document | Broken]:
    """Each document of a text, and at the first place that cannot be read a Broken, which is the last thing."""
    budget = [MAX_NODES]
    try:
        for number, root in enumerate(_roots(text)):
            document = Document(text, None, {}, "yaml", number=number)
            document.tree = _flatten(document, root, (), root.start, budget)
            yield document
    except _TooMuchError as error:
        yield error.broken
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        offset = 0 if mark is None else text.offset(mark.line + 1, mark.column + 1)
        yield Broken(offset, _in_our_words(str(error.problem or error.context)))
    except (yaml.YAMLError, UnicodeError, ValueError, OverflowError) as error:
        first = next(iter(str(error).splitlines()), "") or type(error).__name__
        yield Broken(max(getattr(error, "position", 0) or 0, 0), f"is not YAML that can be read ({first[:80]})")


def _roots(text: Text) -> Iterator[_Node]:
    """The root of each document, its aliases not yet expanded."""
    content = text.content
    if "\\u" in content:  # libyaml refuses JSON's pairs of surrogates; what they say is no rule's business
        content = _SURROGATES.sub(r"\\ufffd\\ufffd", content)
    anchors: dict[str, _Node] = {}
    stack: list[_Builder] = []
    documents = 0
    for count, event in enumerate(yaml.parse(content, Loader=getattr(yaml, "CLoader", yaml.SafeLoader))):
        if count > MAX_NODES:
            raise _TooMuchError(event.start_mark.index, f"has more than {MAX_NODES:,} values; split the file")
        match event:
            case yaml.ScalarEvent() | yaml.AliasEvent() | yaml.CollectionStartEvent():
                node = _put(event, anchors, stack)
                if not stack:
                    yield node
            case yaml.CollectionEndEvent():
                done = stack.pop().node
                done.end = event.end_mark.index
                if not stack:
                    yield done
            case yaml.DocumentStartEvent():
                documents = _begin(documents, event, anchors)


def _begin(documents: int, event: Any, anchors: dict[str, _Node]) -> int:
    """One document more; its anchors are its own."""
    anchors.clear()
    if documents >= MAX_DOCUMENTS:
        raise _TooMuchError(event.start_mark.index, f"has more than {MAX_DOCUMENTS:,} documents; split the file")
    return documents + 1


def _put(event: Any, anchors: dict[str, _Node], stack: "list[_Builder]") -> _Node:
    """A value into the collection that is being read; one that begins is read next."""
    node = _node(event, anchors)
    if stack:
        stack[-1].take(node, is_alias=isinstance(event, yaml.AliasEvent), at=event.start_mark.index)
    if isinstance(event, yaml.CollectionStartEvent):
        stack.append(_Builder(node))
        if len(stack) > MAX_DEPTH:
            raise _TooMuchError(node.start, f"is nested too deeply; {MAX_DEPTH} levels are read")
    return node


def _node(event: Any, anchors: dict[str, _Node]) -> _Node:
    start, end = event.start_mark.index, event.end_mark.index
    if isinstance(event, yaml.AliasEvent):
        if event.anchor not in anchors:
            raise _TooMuchError(start, f"the alias {event.anchor[:40]} has no anchor; write one with & above")
        return anchors[event.anchor]
    if isinstance(event, yaml.ScalarEvent):
        is_plain = event.style in (None, "") and event.implicit[0]
        node = _Node(start, end, _scalar(event.value) if is_plain else event.value)
    else:
        node = _Node(start, end, is_map=isinstance(event, yaml.MappingStartEvent))
    if event.anchor:
        anchors[event.anchor] = node
    return node


class _Builder:
    """A collection that is being read; in a mapping, keys and values come in turn."""

    __slots__ = ("_key", "_seen", "node")

    def __init__(self, node: _Node) -> None:
        self.node = node
        self._key: tuple[str, int] | None = None
        self._seen: set[str] = set()

    def take(self, child: _Node, *, is_alias: bool, at: int) -> None:
        if not self.node.is_map:
            self.node.children.append(("*" if is_alias else "", at, child))
        elif self._key is None:
            if child.is_map is not None:
                raise _TooMuchError(at, "a list or a mapping cannot be a key; write a name")
            key = "null" if child.value is None else str(child.value)
            if key in self._seen and key != "<<":
                raise _TooMuchError(at, f"{key[:60]} occurs twice in this mapping; keep one")
            self._seen.add(key)
            self._key = (key, at)
        else:
            key, key_at = self._key
            self.node.children.append((key, -key_at - 1 if is_alias else key_at, child))
            self._key = None


def _flatten(document: Document, node: _Node, path: Path, key_at: int, budget: list[int]) -> Any:  # parameters: a walk
    """The plain value of a node; where it and all below it stand goes into the document."""
    budget[0] -= 1
    if budget[0] < 0:
        raise _TooMuchError(node.start, f"has more than {MAX_NODES:,} values once its aliases are expanded")
    if len(path) > MAX_DEPTH:
        raise _TooMuchError(node.start, "an alias holds itself, or is nested too deeply")
    is_alias = key_at < 0
    key_at = -key_at - 1 if is_alias else key_at
    document.spots[path] = Spot(key_at, node.start, node.end)
    if is_alias or path[:-1] in document.aliased:
        document.aliased.add(path)
    else:
        document.aliased.discard(path)  # a key of its own takes the place of a merged one
    if node.is_map is None:
        return node.value
    if not node.is_map:
        return [
            _flatten(document, child, (*path, i), -at - 1 if mark else at, budget)
            for i, (mark, at, child) in enumerate(node.children)
        ]
    merged: dict[str, Any] = {}
    for key, _, child in node.children:
        if key == "<<":
            merged |= _merged(document, child, path, budget)
    return merged | {
        key: _flatten(document, child, (*path, key), at, budget) for key, at, child in node.children if key != "<<"
    }


def _merged(document: Document, node: _Node, path: Path, budget: list[int]) -> dict[str, Any]:
    """What `<<` brings in: of a list of mappings, earlier ones win."""
    sources = [node] if node.is_map else [child for _, _, child in reversed(node.children) if child.is_map]
    brought: dict[str, Any] = {}
    for source in sources:
        for key, at, child in source.children:
            if key != "<<":
                brought[key] = _flatten(document, child, (*path, key), at if at < 0 else -at - 1, budget)
    return brought


def _scalar(written: str) -> Any:
    """A plain scalar by YAML 1.2's core schema (10.3.2); what is not finite stays text."""
    if written in _WORDS:
        return _WORDS[written]
    if written[0] not in "+-.0123456789":
        return written
    if _INT.fullmatch(written):
        value = int(written)
        return value if abs(value) < 1 << 63 else float(value)
    if _BASE.fullmatch(written):
        value = int(written, 0)
        return value if value < 1 << 63 else float(value)
    if _FLOAT.fullmatch(written):
        number = float(written)
        return number if math.isfinite(number) else written
    return written


def _in_our_words(problem: str) -> str:
    if "'\\t'" in problem or "found character that cannot start any token" in problem:
        return "a character that cannot stand here, such as a tab; indent with spaces"
    if "mapping values are not allowed" in problem:
        return "a colon cannot stand here; quote the text, or check the indentation"
    return " ".join(problem.split())[:120]
