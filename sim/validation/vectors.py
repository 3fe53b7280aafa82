"""Vectors: a file of small scripted cases, each with what was measured; read strictly, with lines in errors.

What a case's script means is not known here: its class is handed in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from sim.scenario.load import Loader
from sim.scenario.source import parse, place_of, read_text
from sim.units import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """By how much the simulated may differ from the measured, both ways."""

    time_ms: float
    """Of every time of the case, in ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What some versions gave."""

    go_versions: tuple[str, ...]
    """The versions."""
    expect: Mapping[str, object]
    """What was measured; it stands instead of the case's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The part of a case that says what was measured."""

    id: str
    """Its name, such as V6.5."""
    title: str = ""
    """The behaviour in a sentence."""
    go_versions: tuple[str, ...]
    """Versions that gave what `expect` says."""
    expect: Mapping[str, object]
    """What was measured."""
    other_versions: tuple[Outcome, ...] = ()
    """What the remaining versions gave."""
    tolerance: Tolerance
    """Allowed differences."""
    source: str = ""
    """The function that decides."""
    note: str = ""
    """A remark."""


@dataclass(frozen=True, slots=True)
class Vector:
    """One case: what is played, and what was measured by version."""

    id: str
    title: str
    case: Any
    time_ms: float
    expected: Mapping[str, Mapping[str, object]] = field(repr=False)
    """By version, in the order of the file."""

    def only(self, version: str) -> "Vector":
        """The same, in the versions that `version` means."""
        return replace(self, expected={name: value for name, value in self.expected.items() if means(version, name)})


def means(asked: str, name: str) -> bool:
    """Whether `asked` means this id or version: the whole, or all that begin with it and a point; empty means all."""
    return not asked or name == asked or name.startswith(f"{asked}.")


def read_vectors(path: Path, case_class: type, check: Callable[[Mapping[str, Any]], None]) -> list[Vector]:
    """Read a file of vectors.

    Parameters
    ----------
    case_class : what each case's own part becomes.
    check : raises ValueError("path: what is wrong") where something is expected that cannot be compared.

    Raises
    ------
    InputError
        One line with the file and the line of what is wrong.
    """
    name = str(path)
    root = parse(read_text(path), name)
    cases = root.get("cases") if isinstance(root, CommentedMap) else None
    if not isinstance(cases, CommentedSeq):
        raise InputError(f"{name}:1:1: cases: is required; write a list of cases")
    for key in root:
        if key not in ("families", "cases"):
            line = root.lc.key(key)[0] + 1
            raise InputError(f"{name}:{line}:1: {key}: unknown key; known here: families, cases")
    loaders = Loader(Measured), Loader(case_class)
    vectors = [_vector(node, name, loaders) for node in cases]
    for vector, node in zip(vectors, cases, strict=True):
        _check(vector, check, place_of(node, name).text)
    _refuse_twins(vectors, cases, name)
    return vectors


def _vector(node: Any, name: str, loaders: tuple[Loader, Loader]) -> Vector:
    if not isinstance(node, CommentedMap):
        raise InputError(f"{name}: cases: a case should be a mapping, not {str(node)[:40]}")
    own = Measured.__dataclass_fields__
    measured: Measured = loaders[0].load_node(_part(node, [key for key in node if key in own]), name)
    case = loaders[1].load_node(_part(node, [key for key in node if key not in own]), name)
    expected = dict.fromkeys(measured.go_versions, measured.expect)
    for outcome in measured.other_versions:
        expected |= dict.fromkeys(outcome.go_versions, outcome.expect)
    return Vector(measured.id, measured.title, case, measured.tolerance.time_ms, expected)


def _check(vector: Vector, check: Callable[[Mapping[str, Any]], None], place: str) -> None:
    for expect in vector.expected.values():
        try:
            check(expect)
        except ValueError as error:
            raise InputError(f"{place}: {vector.id}: expect.{error}") from None


def _part(node: CommentedMap, keys: list[Any]) -> CommentedMap:
    """Some keys of a mapping, with their lines."""
    part = CommentedMap((key, node[key]) for key in keys)
    part.lc.line, part.lc.col, part.lc.data = node.lc.line, node.lc.col, node.lc.data
    return part


def _refuse_twins(vectors: list[Vector], cases: CommentedSeq, name: str) -> None:
    seen: set[str] = set()
    for vector, node in zip(vectors, cases, strict=True):
        if vector.id in seen:
            raise InputError(f"{place_of(node, name).text}: id: {vector.id} occurs twice; give every case its own id")
        seen.add(vector.id)
