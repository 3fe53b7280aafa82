"""Trial: the examples in rules, run as tests. A bad one has to be found by its rule, a good one not."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from sim.lint.check import Linter
from sim.lint.facts import Facts
from sim.lint.rule import Example, Rule
from sim.lint.text import Text

GO_HEADER = 'package p\n\nimport (\n\t"crypto/tls"\n\t"net"\n\t"net/http"\n\t"time"\n)\n\n'
"""Goes before an example in Go that is no whole file."""


class Failure(NamedTuple):
    """An example that did not come out as its rule says."""

    rule: str
    place: str
    message: str


def text_of(example: Example) -> str:
    """An example as a whole file."""
    if example.kind == "go" and not example.text.lstrip().startswith("package"):
        return GO_HEADER + example.text + "\n"
    return example.text + "\n"


def tried(rules: Iterable[Rule], facts: Facts) -> Iterator[Failure]:
    """The examples that fail; a rule without a bad and a good one fails too."""
    for rule in rules:
        if not rule.good or not rule.bad:
            yield Failure(rule.id, rule.place, "has no good and bad example; write one of each")
        named = {f"bad.{i}": one for i, one in enumerate(rule.bad)} | {
            f"good.{i}": one for i, one in enumerate(rule.good)
        }
        for which, example in named.items():
            wrong = _wrong(rule, example, facts, is_bad=which.startswith("bad"))
            if wrong:
                yield Failure(rule.id, rule.place, f"examples.{which}: {wrong}")


def _wrong(rule: Rule, example: Example, facts: Facts, *, is_bad: bool) -> str:
    linter = Linter([rule], replace(facts, load=example.load))
    judged = linter.lint(Text("example", text_of(example)), example.kind)
    unread = [one.message for one in judged.findings if one.rule == "parse"]
    if unread:
        return f"cannot be read: {unread[0]}"
    if judged.troubles:
        return next(iter(judged.troubles.values()))
    found = any(one.rule == rule.id for one in judged.findings)
    if found == is_bad:
        return ""
    return "nothing is found in it" if is_bad else f"is found: {judged.findings[0].message}"
