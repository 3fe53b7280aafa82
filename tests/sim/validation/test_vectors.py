"""Files of vectors are read strictly; errors name the line."""

from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from sim.units import Duration, InputError
from sim.validation.compare import Comparison
from sim.validation.vectors import Vector, means, read_vectors

GOOD = """\
families: {V1: a family}
cases:
- id: V1.1
  title: a case
  go_versions: [1.26.1, 1.27.3]
  settle: 5ms
  expect: {dials: 1}
  other_versions:
  - go_versions: [1.22.1]
    expect: {dials: 2}
  tolerance: {time_ms: 25}
  source: somewhere
  note: ''
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a case says beside what was measured."""

    settle: Duration


def read(tmp_path: Path, text: str) -> list[Vector]:
    file = tmp_path / "v.yaml"
    file.write_text(dedent(text), encoding="utf-8")
    return read_vectors(file, Played, Comparison(named_by={"items": "no"}, ports="ports").check)


def wrong(tmp_path: Path, text: str) -> str:
    with pytest.raises(InputError) as raised:
        read(tmp_path, text)
    return str(raised.value).removeprefix(f"{tmp_path}/")


def test_each_version_has_what_was_measured_in_it(tmp_path: Path) -> None:
    (vector,) = read(tmp_path, GOOD)

    assert vector.case == Played(settle=5_000_000)
    assert vector.expected == {"1.26.1": {"dials": 1}, "1.27.3": {"dials": 1}, "1.22.1": {"dials": 2}}
    assert (vector.id, vector.time_ms) == ("V1.1", 25)


def test_a_version_may_be_asked_for_in_whole_or_in_part(tmp_path: Path) -> None:
    (vector,) = read(tmp_path, GOOD)

    assert list(vector.only("1.27").expected) == ["1.27.3"]
    assert list(vector.only("").expected) == ["1.26.1", "1.27.3", "1.22.1"]
    assert not means("1.2", "1.27.3")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("settle: 5ms", "settel: 5ms", "v.yaml:6:3: settel: unknown key; did you mean settle?"),
        ("settle: 5ms", "settle: 5", "v.yaml:6:3: settle: 5 has no unit"),
        ("expect: {dials: 1}", "expect: 1", "v.yaml:7:3: expect: 1 should be a mapping"),
        ("tolerance: {time_ms: 25}", "tolerance: {time_s: 25}", "v.yaml:11:15: tolerance.time_s: unknown key"),
        ("families:", "family:", "v.yaml:1:1: family: unknown key"),
        ("cases:", "case:", "v.yaml:1:1: cases: is required"),
    ],
)
def test_an_error_names_line_and_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert wrong(tmp_path, GOOD.replace(old, new, 1)).startswith(said)


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ("{t_do: soon}", "V1.1: expect.t_do: soon is no time; write a number of ms, or null"),
        ("{items: [{id: 1}]}", "V1.1: expect.items.0: should be a mapping with the key no"),
        ("{items: none}", "V1.1: expect.items.0: should be a mapping with the key no"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_its_case(tmp_path: Path, expect: str, said: str) -> None:
    assert wrong(tmp_path, GOOD.replace("{dials: 1}", expect, 1)) == f"v.yaml:3:3: {said}"


def test_what_is_missing_is_said_where_the_case_begins(tmp_path: Path) -> None:
    text = GOOD.replace("  tolerance: {time_ms: 25}\n", "")

    assert wrong(tmp_path, text).startswith("v.yaml:3:3: tolerance: is required")


def test_a_case_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    assert wrong(tmp_path, "cases: [V1.1]") == "v.yaml: cases: a case should be a mapping, not V1.1"


def test_two_cases_with_one_id_are_refused(tmp_path: Path) -> None:
    twice = GOOD + GOOD.split("cases:\n")[1]

    assert "V1.1 occurs twice" in wrong(tmp_path, twice)
