"""YAML text to a plain tree with the line and column of every key; hostile texts end here.

Whether keys and values make sense is the business of load.py.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.scalarbool import ScalarBoolean

from sim.scenario.shape import Path, Shape, dotted, shape_of
from sim.units import InputError, shown

MAX_CHARACTERS = 1_000_000
"""The parser takes about 20 s for so much; a scenario has a few thousand."""
MAX_NODES = 100_000
"""Aliases expanded: where every alias bomb ends."""
MAX_DEPTH = 100
"""A scenario is about eight deep; at 3,000 the parser takes seconds, then overflows the stack."""


class Place(NamedTuple):
    """Where a value was written: "gateway.yaml:7:16" or "--set a.b=5"."""

    text: str
    at: Path | None = None
    """The path that `text` names already, so that an error need not repeat it."""


@dataclass(slots=True)
class Source:
    """A plain tree (JSON's types, our field names) and the place of each of its values."""

    tree: Any
    places: dict[Path, Place] = field(default_factory=dict)

    def error(self, at: Path, message: str) -> InputError:
        """Say what is wrong at a path, at the place of the nearest value that was written."""
        near = at
        while near and near not in self.places:
            near = near[:-1]
        place = self.places.get(near, Place("the input"))
        return complaint(place, at, message)


def complaint(place: Place, at: Path, message: str) -> InputError:
    """Write an error's one line: the place, the path, what is wrong."""
    what = "" if place.at == at else f"{dotted(at) or 'the file'}: "
    return InputError(f"{place.text}: {what}{message}")


def read_text(path: FilePath) -> str:
    """Read a file as text, or raise the InputError that says why not."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_CHARACTERS * 4 + 1).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode()
        where = _at_index(str(path), before, len(before))
        raise InputError(
            f"{where}: the byte 0x{error.object[error.start]:02X} is not UTF-8; save the file as UTF-8"
        ) from None
    except OSError as error:
        raise InputError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None


def parse(text: str, name: str) -> Any:
    """Parse a YAML text to ruamel's nodes, which remember their lines."""
    _refuse_bulk(text, name)
    yaml = YAML(typ="rt", pure=True)
    yaml.composer.warn_double_anchors = False
    try:
        return yaml.load(text)
    except DuplicateKeyError as error:
        mark, key = error.problem_mark, str(error.problem).removeprefix("found duplicate key ").partition(" with value")
        raise InputError(f"{_at_mark(name, mark)}: {key[0][:60]} occurs twice in this mapping; keep one") from None
    except MarkedYAMLError as error:
        raise InputError(f"{_at_mark(name, error.problem_mark)}: {_in_our_words(str(error.problem))}") from None
    except ReaderError as error:
        where, code = _at_index(name, text, error.position), ord(text[error.position])
        raise InputError(f"{where}: the character U+{code:04X} is not allowed; remove it") from None
    except RecursionError:
        raise InputError(f"{name}: is nested too deeply; {MAX_DEPTH} levels are allowed") from None
    except (
        YAMLError,
        TypeError,
        ValueError,
        LookupError,
        AttributeError,
        AssertionError,
        NotImplementedError,
    ) as error:
        # a mapping as a key, a 13th month, a number of 5,000 digits, a broken tag: ruamel lets Python's own errors out
        first = next(iter(str(error).splitlines()), "")
        raise InputError(f"{name}: is not YAML that can be read ({first[:80] or type(error).__name__})") from None


def _refuse_bulk(text: str, name: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise InputError(f"{name}: has {len(text):,} characters; {MAX_CHARACTERS:,} are allowed")
    depth = 0
    for i, char in enumerate(text):
        if char in "[{":
            depth += 1
        elif char in "]}" and depth:
            depth -= 1
        if depth > MAX_DEPTH:
            raise InputError(f"{_at_index(name, text, i)}: is nested too deeply; {MAX_DEPTH} levels are allowed")


def _at_index(name: str, text: str, i: int) -> str:
    return f"{name}:{text.count(chr(10), 0, i) + 1}:{i - text.rfind(chr(10), 0, i)}"


def _at_mark(name: str, mark: Any) -> str:
    return name if mark is None else f"{name}:{mark.line + 1}:{mark.column + 1}"


def _in_our_words(problem: str) -> str:
    if "'\\t'" in problem:
        return "a tab cannot stand here; indent with spaces"
    if "mapping values are not allowed" in problem:
        return "a colon cannot stand here; quote the text, or check the indentation"
    if "another document" in problem:
        return "a second document begins; keep one in the file"
    if "undefined alias" in problem:
        return f"the alias {problem.rpartition(' ')[2]:.40} has no anchor; write one with & above"
    return " ".join(problem.split())[:120]


def read(text: str, name: str, annotation: Any) -> Source:
    """Parse a text whose root is to fit an annotation."""
    node = parse(text, name)
    if node is None:
        known = ", ".join(shape_of(annotation).known()[:12])
        raise InputError(f"{name}:1:1: the file: is empty; write a mapping, known here: {known}")
    return take(node, annotation, Place(f"{name}:1:1"), name=name)


def take(node: Any, annotation: Any, place: Place, *, at: Path = (), name: str = "") -> Source:
    """Turn ruamel's nodes, or a plain tree, into a Source; values without a line of their own get `place`."""
    walk = _Walk(name)
    tree = walk.plain(node, annotation, at, place=place)
    return Source(tree, walk.places)


def place_of(node: Any, name: str) -> Place:
    """Where a node of `parse` begins."""
    at = getattr(node, "lc", None)
    return Place(name if at is None or at.line is None else f"{name}:{at.line + 1}:{at.col + 1}")


class _Walk:
    """One way through a tree, on which places are noted, spellings settled and foreign values refused."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.places: dict[Path, Place] = {}

    def plain(self, node: Any, annotation: Any, at: Path, *, place: Place) -> Any:
        self.places[at] = place
        if len(self.places) > MAX_NODES:
            raise complaint(place, at, "is too large once its aliases are expanded")
        if len(at) > MAX_DEPTH:
            raise complaint(place, at[:4], f"is nested too deeply; {MAX_DEPTH} levels are allowed")
        tag = getattr(getattr(node, "tag", None), "value", None)
        if tag is not None and not tag.startswith("tag:yaml.org,2002:"):
            raise complaint(place, at, f"tags such as {shown(tag)} are not read; remove it")
        if isinstance(node, dict | list | tuple):
            return self._container(node, annotation, at, place)
        return _scalar(node, at, place)

    def _container(self, node: Any, annotation: Any, at: Path, place: Place) -> Any:
        shape = shape_of(annotation)
        if isinstance(node, dict):
            return self._mapping(node, shape, at, place)
        return [
            self.plain(item, shape.below(i), (*at, i), place=self._place(node, "item", i, place))
            for i, item in enumerate(node)
        ]

    def _mapping(self, node: Any, shape: Shape, at: Path, place: Place) -> dict[str, Any]:
        taken: dict[str, Any] = {}
        written_as: dict[str, Any] = {}
        for written in node:
            here = self._place(node, "key", written, place)
            if isinstance(written, tuple | Mapping):
                raise complaint(here, at, "a list or a mapping cannot be a key; write a name")
            if type(written) is bool or not isinstance(written, str | int) or not _encodable(str(written)):
                raise complaint(here, at, f"the key {shown(str(written))} is not a name; quote it")
            key = shape.spell(str(written))
            if key in taken:
                first, second = shown(str(written_as[key])), shown(str(written))
                raise complaint(here, (*at, key), f"is written twice, as {first} and as {second}; keep one")
            written_as[key] = written
            taken[key] = self.plain(node[written], shape.below(key), (*at, key), place=here)
        return taken

    def _place(self, node: Any, way: str, key: Any, otherwise: Place) -> Place:
        data = getattr(getattr(node, "lc", None), "data", None) or {}
        if not self.name or key not in data:  # an override; a plain tree; a key that came in through <<
            return otherwise
        line, column = getattr(node.lc, way)(key)
        return Place(f"{self.name}:{line + 1}:{column + 1}")


def _scalar(node: Any, at: Path, place: Place) -> Any:
    if node is None:
        return None
    if isinstance(node, bool | ScalarBoolean):  # an anchored `true` is an int to Python
        return bool(node)
    if isinstance(node, str):
        if _encodable(node):
            return str(node)
        raise complaint(place, at, "holds half of a character (a lone surrogate); write it whole")
    if isinstance(node, int):
        return int(node)
    if isinstance(node, float) and math.isfinite(node):
        return float(node)
    raise complaint(
        place, at, f"{shown(str(node))} is not text, a finite number, true or false; quote it if it is text"
    )


def _encodable(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)
