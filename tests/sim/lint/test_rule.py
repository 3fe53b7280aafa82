"""Rule files: what is wrong in them is said with its place."""

from pathlib import Path

import pytest

from sim.lint.rule import read_rules
from sim.units import InputError

GOOD = 'rule: a\nseverity: ERROR\nmatch: "$.a"\ncheck: "value == 1"\nmessage: m\n'


def error_of(folder: Path, text: str) -> str:
    (folder / "rule.yaml").write_text(text, "utf-8")
    with pytest.raises(InputError) as raised:
        read_rules(folder)
    return str(raised.value).removeprefix(f"{folder}/")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("message: m", "mesage: m", "rule.yaml:5:1: mesage: unknown key; did you mean message?"),
        ("ERROR", "FATAL", "rule.yaml:2:1: severity: FATAL is unknown; write ERROR, WARN or INFO"),
        ('"$.a"', '"$.["', "rule.yaml:3:1: match: "),
        ("value == 1", "value = 1", "rule.yaml:4:1: check: column "),
        ("value == 1", "wert == 1", "rule.yaml:4:1: check: column 1: unknown name wert; known here: value"),
        ("message: m", 'message: "{{value.}}"', "rule.yaml:5:1: message: "),
        ("message: m\n", "message: m\nkind: envy\n", "rule.yaml:6:1: kind: envy is unknown; did you mean envoy?"),
        ("message: m\n", "message: m\nneeds: [rato]\n", "rule.yaml:6:1: needs: rato is unknown; did you mean rate?"),
        ("message: m\n", "message: m\nfix: {set: 1}\n", "rule.yaml:6:7: fix.set: unknown key"),
        (
            "message: m\n",
            "message: m\nexamples: {goood: a}\n",
            "rule.yaml:6:1: examples: is a mapping with good and bad",
        ),
        ('match: "$.a"\n', "", "rule.yaml:1:1: needs either match, or require and field"),
        ("rule: a\n", "", "rule.yaml:1:1: rule: is required"),
        ("rule: a\n", "rule: a\nrule: b\n", "rule.yaml:2:1: rule occurs twice in this mapping; keep one"),
        (GOOD, "- 1\n", "rule.yaml:1:3: is no rule; write a mapping with rule"),
        (GOOD, "a: [1", "rule.yaml:1:"),
    ],
)
def test_a_wrong_rule_is_refused_at_its_line_and_column(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert error_of(tmp_path, GOOD.replace(before, after)).startswith(said)


def test_two_rules_of_one_id_are_refused(tmp_path: Path) -> None:
    assert "is taken by" in error_of(tmp_path, f"{GOOD}---\n{GOOD}")


def test_a_file_may_hold_a_list_of_rules_or_several_documents(tmp_path: Path) -> None:
    listed = "".join(f"- {{rule: {name}, severity: INFO, match: '$.a', check: 'true', message: m}}\n" for name in "bc")
    (tmp_path / "rules.yaml").write_text(f"{GOOD}---\n{listed}", "utf-8")
    assert [rule.id for rule in read_rules(tmp_path)] == ["a", "b", "c"]


@pytest.mark.parametrize("folder", ["nowhere", "."])
def test_a_folder_without_rules_is_an_error(tmp_path: Path, folder: str) -> None:
    with pytest.raises(InputError):
        read_rules(tmp_path / folder)
