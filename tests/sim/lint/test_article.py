"""The article's rule as it is written there, and what null and absence mean to it."""

from pathlib import Path

import pytest

from sim.lint.check import Judged, Linter
from sim.lint.rule import read_rules
from sim.lint.text import Text

ARTICLE = """\
rule: route_timeout_required
severity: ERROR
match: "$.routes[*].timeout"
check: "value == null || value.ms < 30000"
message: "Route timeout must be set and ≤30s"
"""
REQUIRED = """\
rule: route_timeout_present
severity: ERROR
require: "$.routes[*]"
field: timeout
message: "no timeout"
"""


def judge(folder: Path, rule: str, gateway: str) -> Judged:
    (folder / "rule.yaml").write_text(rule, "utf-8")
    return Linter(read_rules(folder)).lint(Text("gateway.yaml", gateway))


@pytest.mark.parametrize(
    ("route", "count"),
    [
        ("{timeout: null}", 0),
        ("{timeout: {ms: 45000}}", 1),
        ("{path: /a}", 0),
        ("{timeout: {ms: 1000}}", 0),
        ("{timeout: 45s}", 1),
        ("{timeout: 5s}", 0),
    ],
)
def test_a_null_passes_and_an_absent_timeout_is_never_looked_at(tmp_path: Path, route: str, count: int) -> None:
    judged = judge(tmp_path, ARTICLE, f"routes:\n- {route}\n")
    assert len(judged.findings) == count
    assert judged.troubles == {}


def test_a_finding_points_at_the_key_and_has_the_message_of_the_rule(tmp_path: Path) -> None:
    (found,) = judge(tmp_path, ARTICLE, "routes:\n- path: /a\n  timeout: 45s\n").findings
    assert (found.line, found.column, found.end_column) == (3, 3, 15)
    assert found.message == "Route timeout must be set and ≤30s"
    assert found.path == "$.routes[0].timeout"


@pytest.mark.parametrize("route", ["{timeout: soon}", "{timeout: {}}"])
def test_a_value_that_the_check_cannot_read_is_a_fault_of_the_rule(tmp_path: Path, route: str) -> None:
    judged = judge(tmp_path, ARTICLE, f"routes:\n- {route}\n")
    assert judged.troubles["route_timeout_required"].startswith("cannot judge $.routes[0].timeout: ")


def test_require_finds_what_is_not_there(tmp_path: Path) -> None:
    judged = judge(tmp_path, REQUIRED, "routes:\n- path: /a\n- {path: /b, timeout: null}\n")
    assert [one.line for one in judged.findings] == [2]
