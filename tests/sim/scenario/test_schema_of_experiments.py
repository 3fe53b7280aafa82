"""What an editor says of the files that come along, and of typos: a validator of JSON Schema with our schema."""

import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from sim.scenario import json_schema
from sim.wiring import Scenario

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted(ROOT.glob("experiments/*/*.yaml"))
SCENARIOS = [path for path in FILES if re.search(r"^workloads:", path.read_text("utf-8"), re.MULTILINE)]
"""Studies and comparisons have their workloads elsewhere, or deeper."""
EDITOR = Draft202012Validator(json_schema(Scenario))


def a_gateway(**changes: Any) -> dict[str, Any]:
    tree: dict[str, Any] = {
        "clients": {"gateway": {}},
        "services": {"orders": {}},
        "workloads": {"checkout": {"client": "gateway", "service": "orders", "arrivals": {"poisson": "100/s"}}},
    }
    return tree | changes


def complaints(tree: Any) -> list[str]:
    return [".".join(map(str, error.absolute_path)) for error in EDITOR.iter_errors(tree)]


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(json_schema(Scenario))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_editor_accepts_every_scenario_that_comes_along(path: Path) -> None:
    tree = YAML(typ="safe", pure=True).load(path)

    assert complaints(tree) == [], f"{path.name} loads, so its schema should accept it"


@pytest.mark.parametrize("arrivals", [{"access_log": "a.log"}, {"replay": "a.csv"}, {"poisson": {"rate": "2.5/m"}}])
def test_an_editor_accepts_the_short_forms(arrivals: Any) -> None:
    tree = a_gateway(services={"orders": {"resolve": "literal"}})
    tree["workloads"]["checkout"]["arrivals"] = arrivals

    assert complaints(tree) == []


@pytest.mark.parametrize("written", ["10 secs", "10", "-10s", "1e4s", "s", "", "10s x"])
def test_an_editor_refuses_a_text_that_is_no_duration(written: str) -> None:
    assert complaints(a_gateway(duration=written)) == ["duration"]


@pytest.mark.parametrize("written", ["90s", "1m30s", "1.5h", "20\u00b5s", "500us", 0])
def test_an_editor_accepts_a_duration_in_gos_notation(written: str | int) -> None:
    assert complaints(a_gateway(tail=written)) == []
