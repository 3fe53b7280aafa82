"""Comments that silence a rule."""

import pytest

from sim.lint.check import Linter
from sim.lint.finding import Finding
from sim.lint.rule import BUILT_IN, read_rules
from sim.lint.text import Text

LINTER = Linter([rule for rule in read_rules(BUILT_IN) if rule.id in {"TR001", "TR004", "PO008"}])


def judge(text: str) -> list[Finding]:
    return LINTER.lint(Text("gateway.yaml", text)).findings


@pytest.mark.parametrize(
    "text",
    [
        "routes:\n- timeout: 0s # sim-lint: ignore TR001 -- one batch\n",
        "routes:\n# sim-lint: ignore TR001 -- one batch\n- timeout: 0s\n",
        "routes:\n# sim-lint: ignore PO008, TR001 -- one batch\n- timeout: 0s\n",
        "# sim-lint: ignore-file TR001 -- one batch\nroutes:\n- timeout: 0s\n",
    ],
)
def test_a_comment_with_a_reason_silences_the_rule_it_names(text: str) -> None:
    assert [(one.rule, one.suppressed) for one in judge(text)] == [("TR001", "one batch")]


def test_a_comment_without_a_reason_silences_nothing_and_is_found_itself() -> None:
    found = judge("routes:\n- timeout: 0s # sim-lint: ignore TR001\n")
    assert [(one.rule, one.suppressed) for one in found] == [("TR001", None), ("LN001", None)]


def test_a_comment_that_silences_nothing_is_found() -> None:
    found = judge("routes:\n- timeout: 9s # sim-lint: ignore TR001 -- old\n")
    assert [(one.rule, one.line, one.column) for one in found] == [("LN002", 2, 27)]


def test_a_comment_speaks_of_its_own_line_only() -> None:
    found = judge("routes:\n- timeout: 0s # sim-lint: ignore TR001 -- one\n- timeout: 0s\n")
    assert [one.suppressed for one in found] == ["one", None]
