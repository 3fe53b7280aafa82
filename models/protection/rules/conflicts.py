"""Conflicts: rules that cannot do what they say, since an earlier one always wins or nothing ever meets them.

What is found is certain; conditions that overlap in part are not a mistake: the first match wins.
"""

import re
from collections.abc import Iterator, Sequence

from models.protection.rules.action import KINDS, SEE_REFUSED, Action
from models.protection.rules.config import RuleConfig
from models.protection.rules.dialect import pieces_of
from models.protection.rules.end import ERROR_CLASSES
from models.protection.rules.status import Code
from sim.spelling import way_out
from sim.units import shown

_REFUSED = re.compile(r"\(*error_class==(?:'refused'|\"refused\")\)*")
_EQUALS = re.compile(r"\(*([a-z_]+)==(-?\d+|'[^'\\]*'|\"[^\"\\]*\")\)*")


def conflicts_of(rules: Sequence[RuleConfig]) -> Iterator[tuple[int, str]]:
    """The numbers of rules that have no effect, each with what is to be said of it."""
    parts = [conjuncts_of(rule.match) for rule in rules]
    for i, rule in enumerate(rules):
        sees_refused = isinstance(rule.action, SEE_REFUSED)
        why = never(parts[i]) or _overlooks(parts[i], rule.action)
        if why:
            yield i, f"match: {why}, so rule {shown(rule.name)} never acts"
            continue
        for j in range(i):
            looks_past = sees_refused and not isinstance(rules[j].action, SEE_REFUSED)
            if looks_past or not parts[j] <= parts[i]:  # who looks past refused tries leaves those to this rule
                continue
            same = "has the same condition" if parts[j] == parts[i] else "matches all of these ends"
            first, way = shown(rules[j].name), "remove one of them" if parts[j] == parts[i] else "write this one first"
            yield i, f"match: rule {j} ({first}) {same} and wins, so rule {shown(rule.name)} never acts; {way}"
            break


def _overlooks(parts: frozenset[str], action: Action) -> str:
    """Why an action that looks past refused tries never meets such a condition; empty where it may."""
    if isinstance(action, SEE_REFUSED) or not any(_REFUSED.fullmatch(part) for part in parts):
        return ""
    kind = next(kind for kind, cls in KINDS.items() if type(action) is cls)
    return f"{kind} looks past tries that a guard refused"


def conjuncts_of(text: str) -> frozenset[str]:
    """What has to be true all at once, in one spelling; nothing of a condition that is always true."""
    tokens = pieces_of(text)
    parts, depth = [""], 0
    for token in tokens:
        depth += (token in ("(", "[", "{")) - (token in (")", "]", "}"))
        if depth == 0 and token in ("||", "?"):
            return frozenset({"".join(tokens)})
        if depth == 0 and token == "&&":
            parts.append("")
        else:
            parts[-1] += token
    return frozenset(parts) - {"true"}


def never(parts: frozenset[str]) -> str:
    """Why such a condition is never true; empty where it may be."""
    if "false" in parts:
        return "false is never true"
    wanted: dict[str, str] = {}
    for part in sorted(parts):
        equals = _EQUALS.fullmatch(part)
        if equals is None:
            continue
        name, value = equals.groups()
        if wanted.setdefault(name, value) != value:
            return f"{name} is never {wanted[name]} and {value} at once"
        if name == "error_class" and value[1:-1] not in ERROR_CLASSES:
            return f"error_class is never {value}; {way_out(value[1:-1], ERROR_CLASSES[1:])}"
        if name == "grpc_status" and not 0 <= int(value) <= max(Code):
            return f"grpc_status is never {value}, but 0 to {max(Code).value}"
    return ""
