"""Rule: what is looked for, how it is judged, what is said, and why; read from YAML, unknown keys refused.

The article's five keys (rule, severity, match, check, message) do; the rest is ours.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

from sim.lint.document import Broken, Document
from sim.lint.expression import Expression, Template
from sim.lint.finding import SEVERITIES, Severity
from sim.lint.kind import KINDS
from sim.lint.query import query
from sim.lint.text import Path, Text
from sim.lint.yaml_text import read_yaml
from sim.spelling import way_out
from sim.units import InputError, shown

BUILT_IN = FilePath(__file__).parent / "rules"
KEYS = ("rule", "id", "family", "severity", "kind", "in", "match", "require", "field", "when", "needs", "check",
        "message", "at", "rationale", "source", "fix", "fix_why_not", "examples")  # fmt: skip
NEEDS = ("rate", "latency_ms", "hosts", "server_idle_ms", "nat_idle_ms", "nat_ports", "caller_tries",
         "caller_timeout_ms", "workers", "nofile", "backends", "sources")  # fmt: skip
"""What may be said of the load, and what an option of `sim lint` says."""
FAMILIES = {"RS": "route safety", "TR": "timeouts and retries", "PC": "protocol consistency", "PO": "pools and ports",
            "OD": "outlier ejection", "RL": "rate limits", "SE": "security", "KN": "kernel", "OB": "observability",
            "SC": "scenarios", "OWN": "own rules"}  # fmt: skip
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_NAMED = re.compile(r"\bvalue\.([a-z_0-9]+)(?:\.([a-z_0-9]+))?")


@dataclass(frozen=True, slots=True)
class Example:
    """A text on which a rule is tried; `load` is what is known of its load."""

    kind: str
    text: str
    load: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule."""

    id: str
    name: str
    family: str
    severity: Severity
    kinds: tuple[str, ...]
    within: str
    """`file`: the tree as it was written; `model`: the entities of the vocabulary."""
    query: str
    field_required: str
    message: str
    at: str
    needs: tuple[str, ...]
    when_text: str
    check_text: str
    rationale: str
    source: str
    fix: Mapping[str, str]
    good: tuple[Example, ...]
    bad: tuple[Example, ...]
    place: str = ""
    _cache: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def check(self) -> Expression:
        """What has to be true."""
        return Expression(self.check_text)

    @cached_property
    def when(self) -> Expression | None:
        """What has to be true for the rule to judge at all."""
        return Expression(self.when_text) if self.when_text else None

    @cached_property
    def template(self) -> Template:
        """The message."""
        return Template(self.message)

    @cached_property
    def fix_value(self) -> Expression | None:
        """What the fix writes."""
        return Expression(self.fix["to"]) if self.fix.get("to") else None

    @cached_property
    def named(self) -> tuple[tuple[str, str], ...]:
        """Fields of the model that have to be known: those named, but for those that are compared with null."""
        said = f"{self.when_text} {self.check_text}"
        pairs = dict.fromkeys((one, two) for one, two in _NAMED.findall(said))
        asked = {one for one, _ in pairs if re.search(rf"value\.{one}\s*[!=]=\s*null", said)}
        return tuple((one, two) for one, two in pairs if one not in asked)

    @cached_property
    def compiled_query(self) -> Any:
        """The JSONPath (RFC 9535)."""
        return query(self.query)

    @property
    def is_fixable(self) -> bool:
        """Whether `--fix` may do it."""
        return bool(self.fix)


def read_rules(folder: FilePath) -> list[Rule]:
    """The rules of all YAML files of a folder, or of one file; a wrong one is an InputError with its place."""
    if not folder.exists():
        raise InputError(f"{folder}: no such file or folder")
    files = sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]) if folder.is_dir() else [folder]
    if not files:
        raise InputError(f"{folder}: has no rules; write NAME.yaml files there")
    rules: dict[str, Rule] = {}
    for path in files:
        for rule in _in_file(path):
            if rule.id in rules:
                raise InputError(f"{rule.place}: id: {rule.id} is taken by {rules[rule.id].place}; choose another")
            rules[rule.id] = rule
    return list(rules.values())


def _in_file(path: FilePath) -> Iterator[Rule]:
    try:
        text = Text(str(path), path.read_bytes()[:5_000_000].decode("utf-8-sig"))
    except OSError as error:
        raise InputError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not UTF-8; save the file as UTF-8") from None
    for document in read_yaml(text):
        if isinstance(document, Broken):
            line, column = text.position(document.offset)
            raise InputError(f"{path}:{line}:{column}: {document.message}")
        if document.tree is None:
            continue
        items = document.tree if isinstance(document.tree, list) else [document.tree]
        for i, item in enumerate(items):
            yield _Reader(document, (i,) if isinstance(document.tree, list) else ()).rule(item)


class _Reader:
    """Reads one rule; every complaint has its line and column."""

    def __init__(self, document: Document, at: Path) -> None:
        self.document, self.at = document, at

    def wrong(self, keys: Path, message: str) -> InputError:
        text = self.document.text
        line, column = text.position(self.document.spot((*self.at, *keys)).key)
        where = ".".join(map(str, keys))
        return InputError(f"{text.name}:{line}:{column}: {where + ': ' if where else ''}{message}")

    def rule(self, item: Any) -> Rule:
        if not isinstance(item, dict):
            raise self.wrong((), "is no rule; write a mapping with rule, severity, match, check and message")
        for key in item:
            if key not in KEYS:
                raise self.wrong((key,), f"unknown key; {way_out(key, KEYS)}")
        name = self.text(item, "rule")
        id_ = self.text(item, "id", name)
        if not _ID.fullmatch(id_):
            raise self.wrong(("id",), f"{shown(id_)} is no id; write letters, digits, - and _")
        match, require = self.text(item, "match", ""), self.text(item, "require", "")
        if bool(match) == bool(require):
            raise self.wrong((), "needs either match, or require and field")
        kinds = self.words(item, "kind", KINDS)
        rule = Rule(
            id=id_, name=name, family=self.text(item, "family", id_[:2] if id_[:2] in FAMILIES else "OWN"),
            severity=self._severity(item), kinds=kinds, within=self.text(item, "in", "file"), query=match or require,
            field_required=self.text(item, "field", "") if require else "", message=self.text(item, "message"),
            at=self.text(item, "at", ""), needs=self.words(item, "needs", NEEDS),
            when_text=self.text(item, "when", ""), check_text=self.text(item, "check", "true" if require else None),
            rationale=self.text(item, "rationale", ""), source=self.text(item, "source", ""),
            fix=self._fix(item), good=self._examples(item, "good", kinds), bad=self._examples(item, "bad", kinds),
            place=self._place(),
        )  # fmt: skip
        if rule.within not in {"file", "model"}:
            raise self.wrong(("in",), f"{shown(rule.within)} is neither file nor model")
        if require and not rule.field_required:
            raise self.wrong(("require",), "needs the key field beside it: what has to be there")
        self._compile(rule, "match" if match else "require")
        return rule

    def _place(self) -> str:
        text = self.document.text
        return f"{text.name}:{text.position(self.document.spot(self.at).start)[0]}"

    def _compile(self, rule: Rule, query_key: str) -> None:
        parts = {query_key: "compiled_query", "check": "check", "when": "when", "message": "template"}
        for key, attribute in parts.items():
            try:
                getattr(rule, attribute)
            except ValueError as error:
                raise self.wrong((key,), str(error)) from None
        try:
            rule.fix_value  # noqa: B018  compiles it
        except ValueError as error:
            raise self.wrong(("fix", "to"), str(error)) from None

    def text(self, item: Any, key: str, default: str | None = None) -> str:
        value = item.get(key, default)
        if value is None:
            raise self.wrong((), f"{key}: is required")
        if not isinstance(value, str | bool | int):
            raise self.wrong((key,), f"{shown(value)} is no text")
        return " ".join(str(value).lower().split()) if isinstance(value, bool) else str(value).strip()

    def words(self, item: Any, key: str, known: Sequence[str]) -> tuple[str, ...]:
        value = item.get(key, [])
        words = [value] if isinstance(value, str) else value
        if not isinstance(words, list):
            raise self.wrong((key,), f"{shown(value)} is neither a word nor a list of words")
        for word in words:
            if word not in known:
                raise self.wrong((key,), f"{shown(word)} is unknown; {way_out(str(word), known)}")
        return tuple(words)

    def _severity(self, item: Any) -> Severity:
        written = self.text(item, "severity").upper()
        if written not in SEVERITIES:
            raise self.wrong(("severity",), f"{shown(written)} is unknown; write ERROR, WARN or INFO")
        return SEVERITIES[written]

    def _fix(self, item: Any) -> Mapping[str, str]:
        fix = item.get("fix", {})
        if not isinstance(fix, dict):
            raise self.wrong(("fix",), "is a mapping: field and to, or delete")
        for key in fix:
            if key not in {"field", "to", "delete", "text"}:
                raise self.wrong(("fix", key), f"unknown key; {way_out(key, ('field', 'to', 'delete', 'text'))}")
        return {key: str(value) for key, value in fix.items()}

    def _examples(self, item: Any, which: str, kinds: tuple[str, ...]) -> tuple[Example, ...]:
        held = item.get("examples", {})
        if not isinstance(held, dict) or set(held) - {"good", "bad"}:
            raise self.wrong(("examples",), "is a mapping with good and bad")
        listed = held.get(which, [])
        taken = []
        for one in listed if isinstance(listed, list) else [listed]:
            given = {"text": one} if isinstance(one, str) else one
            if not isinstance(given, dict) or "text" not in given or set(given) - {"text", "kind", "load"}:
                raise self.wrong(("examples", which), "an example is a text, or has text, kind and load")
            load = {str(key): float(value) for key, value in (given.get("load") or {}).items()}
            kind = given.get("kind", kinds[0] if len(kinds) == 1 else "")
            taken.append(Example(str(kind), str(given["text"]), load))
        return tuple(taken)
