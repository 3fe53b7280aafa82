"""Every key of a scenario moves something: each is changed once, in a small scenario in which it matters."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from models.scenario import Scenario
from sim import wiring
from sim.cli.main import main
from sim.scenario import json_schema, walk_keys
from tests.keys.batching import BATCHING
from tests.keys.breakers import BREAKERS
from tests.keys.case import BASE, Case
from tests.keys.certificates import CERTIFICATES
from tests.keys.clients import CLIENTS
from tests.keys.concurrency_limits import CONCURRENCY_LIMITS
from tests.keys.delays import DELAYS
from tests.keys.doors import BEFORE_BACKENDS, DOORS, before_a_backend
from tests.keys.http3 import HTTP3
from tests.keys.life import LIFE
from tests.keys.mqtt import MQTT
from tests.keys.protection import PROTECTION
from tests.keys.rate_limits import RATE_LIMITS
from tests.keys.rules import RULES
from tests.keys.services import SERVICES
from tests.keys.sessions import SESSIONS
from tests.keys.traffic import TRAFFIC
from tests.keys.tuning import TUNING

LOGS = Path(__file__).parent / "models" / "workload" / "data"
GUARDS = {**BREAKERS, **RATE_LIMITS, **CONCURRENCY_LIMITS}
CASES = {
    **CLIENTS, **SERVICES, **TRAFFIC, **DELAYS, **HTTP3, **LIFE, **GUARDS, **DOORS, **TUNING, **RULES, **PROTECTION,
    **CERTIFICATES, **SESSIONS, **BATCHING, **MQTT,
}  # fmt: skip
BEFORE_CALLS, BEFORE_WORKERS = "clients.*.guards.[].", "services.*.guards.[]."
# The guards of services are those of clients, of the same classes: their keys are the clients' keys (tested below),
# and one world for each kind shows that it acts before a backend, too.
WALKED = [key for key in walk_keys(json_schema(Scenario)) if key != "name"]
KEYS = [key for key in WALKED if not key.startswith(BEFORE_WORKERS)]
SHAPES = [key for key in DELAYS if not key.endswith(("constant.value", "exponential.mean"))]
"""Parameters of the other distributions, wherever a delay may be written: `make test-all` tries them."""

ROWS = '{{"time": {t}.5, "begun": {t}.{i}, "request_time": 0.{i}2, "upstream": 0.01}}\n'
TIMED = '127.0.0.1 - - [23/Nov/2026:23:31:4{n} +0000] "GET / HTTP/1.1" 200 128 "-" "curl/7.88.1" 0.{n}00\n'


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small recordings to be replayed."""
    folder = tmp_path_factory.mktemp("recordings")
    (folder / "one.csv").write_text("t,service\n0.1,0.02\n0.2,0.02\n")
    (folder / "two.csv").write_text("t,service\n0.1,0.02\n0.3,0.02\n")
    (folder / "keys.log").write_text("".join(ROWS.format(t=1795476700 + i, i=i) for i in range(4)))
    (folder / "timed.log").write_text("".join(TIMED.format(n=i) for i in range(4)))
    return folder


def shown(case: Case, lines: Sequence[str], recordings: Path) -> object:
    """What the base scenario with these settings shows, as the case looks at it."""
    lines = [line.replace("DIR", str(recordings)).replace("LOGS", str(LOGS)) for line in lines]
    scenario = wiring.load_tree(BASE, lines)
    return outcome(scenario) if case.plays is None else case.plays(scenario)


def outcome(scenario: Scenario) -> dict[str, Any]:
    """What a run shows."""
    done = wiring.run(scenario)
    samples = done.samples.to_dict(as_series=False)
    return {
        "fingerprint": done.manifest["fingerprint"], "summary": done.summary, "samples": samples,
        "counters": dict(done.counters), "warnings": done.warnings,
    }  # fmt: skip


@pytest.mark.parametrize("key", [pytest.param(key, marks=[pytest.mark.slow] if key in SHAPES else []) for key in KEYS])
def test_a_key_moves_something(key: str, recordings: Path) -> None:
    assert key in CASES, f"{key} has no case: add to CASES a small scenario in which it matters, and another value"
    case = CASES[key]

    before = shown(case, case.given, recordings)
    after = shown(case, [*case.given, *case.changed], recordings)

    assert before != after, f"{key}: {case.changed[0]} changes nothing; honour the key, or remove it"


def test_the_guards_of_services_have_the_keys_of_those_of_clients() -> None:
    calls, workers = (
        [key.removeprefix(place) for key in WALKED if key.startswith(place)] for place in (BEFORE_CALLS, BEFORE_WORKERS)
    )

    assert calls == workers
    assert set(BEFORE_BACKENDS) == {key.partition(".")[0] for key in workers}


@pytest.mark.parametrize("kind", BEFORE_BACKENDS)
def test_a_guard_of_every_kind_acts_before_a_backend(kind: str) -> None:
    summary = wiring.run(wiring.load_tree(BASE, before_a_backend(kind))).summary

    assert summary.get("guard.g0.refused", 0) + summary.get("guard.g0.delayed", 0) > 0


def test_every_case_stands_for_a_key_that_exists() -> None:
    assert set(CASES) - set(KEYS) == set()


def test_the_name_of_a_scenario_is_the_name_of_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenario.yaml").write_text(
        "duration: 100ms\nclients: {gw: {}}\nservices: {a: {}}\n"
        "workloads: {w: {client: gw, service: a, arrivals: {constant: {rate: 50/s}}}}\n"
    )
    monkeypatch.chdir(tmp_path)

    codes = [main(["run", "scenario.yaml", "--set", f"name={name}"]) for name in ("one", "other")]

    assert codes == [0, 0]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["one", "other"]
