"""The accelerator is taken where it is of these sources, and left where it is not; what it computes is the same."""

import json
import os
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from sim import accelerator
from tools import build_accelerator

ROOT = Path(__file__).parents[2]
SAY = """
import json
from sim import accelerator
from sim.wiring import load, run
manifest = run(load('''
duration: 2s
network: {rtt: 5ms}
clients: {c: {transport: {max_idle_conns_per_host: 1}}}
services: {s: {backends: 2, resolve: {dns: rotate}, service_time: {lognormal: {mean: 20ms, p99: 80ms}}}}
workloads: {w: {client: c, service: s, arrivals: {poisson: {rate: 300/s}}}}
''')).manifest
print(json.dumps([manifest["accelerated"], manifest["fingerprint"], manifest["engine_events"], accelerator.state()]))
"""


def a_note(folder: Path, **changes: object) -> Path:
    """A folder in which an accelerator of these sources would lie."""
    folder.mkdir()
    note = {"modules": ["models.request"], "sources": accelerator.digest(), "suffix": EXTENSION_SUFFIXES[0], **changes}
    (folder / accelerator.NOTE).write_text(json.dumps(note))
    return folder


def state_with(monkeypatch: pytest.MonkeyPatch, *places: Path, pure: str = "0") -> str:
    monkeypatch.setenv(accelerator.PURE, pure)
    monkeypatch.setattr(accelerator, "PLACES", places)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    monkeypatch.setattr(accelerator, "_why_not", "it was not asked for")
    accelerator.offer()
    return accelerator.state()


def in_a_process(pure: str) -> list[object]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), accelerator.PURE: pure}
    said = subprocess.run([sys.executable, "-c", SAY], capture_output=True, text=True, check=True, env=environment)
    found: list[object] = json.loads(said.stdout)
    return found


def test_one_of_these_sources_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert state_with(monkeypatch, tmp_path / "none", a_note(tmp_path / "a")) == "on"
    assert accelerator.is_on()


def test_only_its_modules_are_found_in_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = a_note(tmp_path / "a")
    state_with(monkeypatch, folder)

    finder = sys.meta_path[0]
    found, other = finder.find_spec("models.request", None), finder.find_spec("models.reply", None)
    assert found is not None
    assert found.origin == str(folder / f"models/request{EXTENSION_SUFFIXES[0]}")
    assert other is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"sources": "0" * 32}, "built from other sources"), ({"suffix": ".cpython-399.so"}, "built for another Python")],
)
def test_one_of_something_else_is_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, changes: dict[str, str], why: str
) -> None:
    finders = len(sys.meta_path)

    assert state_with(monkeypatch, a_note(tmp_path / "a", **changes)) == f"off, {why}: make accelerator"
    assert (accelerator.is_on(), len(sys.meta_path)) == (False, finders)


def test_a_note_that_is_no_note_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / accelerator.NOTE).write_text("{")

    assert state_with(monkeypatch, tmp_path) == "off, built for another Python: make accelerator"


def test_it_is_off_where_it_is_not_built_or_not_wanted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert state_with(monkeypatch, tmp_path / "none") == "off, not built: make accelerator"
    assert state_with(monkeypatch, a_note(tmp_path / "a"), pure="1") == "off, SIM_PURE is set"


def test_the_digest_changes_with_every_source_that_is_compiled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (*accelerator.SEEN, "models/kernel/ports.py"):
        place = tmp_path / name
        (place if place.suffix else place / "x.py").parent.mkdir(parents=True, exist_ok=True)
        (place if place.suffix else place / "x.py").write_text("A = 1\n")
    monkeypatch.setattr(accelerator, "ROOT", tmp_path)
    before = accelerator.digest()

    (tmp_path / "models/kernel/ports.py").write_text("A = 2\n")

    assert accelerator.digest() != before


def test_all_hot_modules_are_there_and_seen() -> None:
    files = {file.relative_to(ROOT).as_posix() for file in accelerator._sources()}

    assert {name.replace(".", "/") + ".py" for name in build_accelerator.MODULES} <= files


def test_without_a_compiler_one_line_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CC", "no-such-compiler -O2")

    code = build_accelerator.main()

    assert (code, capsys.readouterr().err.count("\n")) == (1, 1)
    assert build_accelerator.missing() == "there is no C compiler (no-such-compiler)"


def test_a_run_says_whether_it_was_accelerated_and_is_the_same_in_every_bit() -> None:
    pure, other = in_a_process("1"), in_a_process("0")

    assert (pure[0], pure[3]) == (False, "off, SIM_PURE is set")
    assert other[0] is (other[3] == "on")
    assert other[1:3] == pure[1:3]
