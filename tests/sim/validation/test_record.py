"""Recording with an `ip` and a recorder that only pretend: what is started, written, left behind and said."""

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from models.recorded.assignment import Assignment, Blueprint
from sim.units import InputError
from sim.validation.record import record

IP = """\
#!/bin/sh
echo "$*" >>"$LOG"
if [ "$1 $2" = "netns exec" ]; then shift 3; case "$1" in sh) exit 0;; esac; exec "$@"; fi
case "$*" in *"$REFUSES"*) echo "RTNETLINK answers: Operation not permitted" >&2; exit 1;; esac
"""
PLAYER = """\
import json, os, pathlib, sys
role, folder = sys.argv[1], pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ".")
if role == "version":
    print("go1.99"); sys.exit()
asked = json.loads((folder / "input.json").read_text())
print("ready" if asked.get("Fails") != role else "what", flush=True)
if asked.get("Fails") == role:
    sys.exit("role is ill")
t0 = sys.stdin.readline()
(folder / "rep" / (role + ".csv.gz")).write_text(t0 + " ".join(sys.argv[3:]))
sys.stdin.read()
"""


@pytest.fixture
def pretending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An `ip` that writes down what it is told, and the recorder's program."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "recorder"
    for file, text in ((tmp_path / "bin" / "ip", IP), (program, f"#!{sys.executable}\n{PLAYER}")):
        file.write_text(text)
        file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("LOG", str(tmp_path / "ip.log"))
    monkeypatch.setenv("REFUSES", "nothing at all")
    return program


def an_assignment(*, link: str = "veth", has_names: bool = False, stops: Any = (), **more: Any) -> Assignment:
    blueprint = Blueprint(
        link=link, client_ip="10.77.0.1", server_ips=("10.77.0.11",), client_sysctl={"net.ipv4.tcp_tw_reuse": "1"},
        server_sysctl={}, hosts="",
    )  # fmt: skip
    return Assignment(
        name="P01-a", input={"Experiment": "P01", **more}, arrivals="id,t\n0,0.1\n", blueprint=blueprint,
        seconds=0.6, has_names=has_names, stops=stops,
    )  # fmt: skip


def told_ip(program: Path) -> list[str]:
    return (program.parents[1] / "ip.log").read_text().splitlines()


def test_each_repetition_has_what_its_actors_wrote_and_the_whole_input(pretending: Path, tmp_path: Path) -> None:
    out = tmp_path / "case"

    made = record(an_assignment(), pretending, out, reps=2)

    assert made == [out / "rep1", out / "rep2"]
    assert sorted(path.name for path in out.iterdir()) == ["arrivals.csv.gz", "rep1", "rep2"]
    assert gzip.decompress((out / "arrivals.csv.gz").read_bytes()) == b"id,t\n0,0.1\n"
    written = json.loads((out / "rep2" / "input.json").read_text())
    assert (written["Experiment"], written["Rep"], written["GoVersion"]) == ("P01", 2, "go1.99")
    assert (out / "rep2" / "server.csv.gz").read_text() == f"T0 {written['T0UnixNano']}\n"


def test_the_namespaces_are_joined_furnished_and_removed(pretending: Path, tmp_path: Path) -> None:
    record(an_assignment(), pretending, tmp_path / "case", reps=1)

    lines = [line.replace(f"sim-record-{os.getpid()}", "lab") for line in told_ip(pretending)]
    assert lines[:3] == [
        "netns add lab-c",
        "netns add lab-s",
        "-n lab-c link add lab0 type veth peer name lab0 netns lab-s",
    ]
    assert "-n lab-s address add 10.77.0.11/24 dev lab0" in lines
    assert any(line.endswith("sh 1 /proc/sys/net/ipv4/tcp_tw_reuse") for line in lines)
    assert lines[-2:] == ["netns delete lab-c", "netns delete lab-s"]


def test_a_tun_link_and_a_name_server_are_actors_of_their_own(pretending: Path, tmp_path: Path) -> None:
    record(an_assignment(link="tun", has_names=True), pretending, tmp_path / "case", reps=1)

    assert (
        (tmp_path / "case" / "rep1" / "link.csv.gz")
        .read_text()
        .endswith(f"-{os.getpid()}-c sim-record-{os.getpid()}-s")
    )
    assert (tmp_path / "case" / "rep1" / "names.csv.gz").exists()
    assert not [line for line in told_ip(pretending) if "type veth" in line]


def test_the_server_is_stopped_and_continued_at_its_instants(
    pretending: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[int, float]] = []
    monkeypatch.setattr("sim.validation.record.os.kill", lambda _, number: sent.append((number, time.time())))

    record(an_assignment(stops=[(0.1, 0.3)]), pretending, tmp_path / "case", reps=1)

    t0 = json.loads((tmp_path / "case" / "rep1" / "input.json").read_text())["T0UnixNano"] / 1e9
    assert [number for number, _ in sent] == [signal.SIGSTOP, signal.SIGCONT]
    assert all(at >= t0 + wanted for (_, at), wanted in zip(sent, (0.1, 0.4), strict=True))


def test_progress_runs_over_all_repetitions(pretending: Path, tmp_path: Path) -> None:
    shown: list[tuple[float, float]] = []

    record(an_assignment(), pretending, tmp_path / "case", reps=2, progress=lambda *done: shown.append(done))

    assert shown == sorted(shown)
    assert shown[-1] == pytest.approx((1.2, 1.2))


def test_a_failing_actor_is_named_and_nothing_is_left(pretending: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError) as failed:
        record(an_assignment(Fails="client"), pretending, tmp_path / "case", reps=1)

    assert str(failed.value) == "record: the client failed (role is ill); nothing was written"
    assert not (tmp_path / "case").exists()
    assert told_ip(pretending)[-1].startswith("netns delete")


def test_a_refusal_of_ip_is_the_reason(pretending: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFUSES", "netns add")

    with pytest.raises(InputError) as failed:
        record(an_assignment(), pretending, tmp_path / "case", reps=1)

    assert "RTNETLINK answers: Operation not permitted; namespaces need root" in str(failed.value)


def test_an_earlier_recording_is_left_alone(pretending: Path, tmp_path: Path) -> None:
    out = tmp_path / "case"
    record(an_assignment(), pretending, out, reps=1)
    before = (out / "rep1" / "input.json").read_bytes()

    with pytest.raises(InputError) as refused:
        record(an_assignment(), pretending, out, reps=1)

    assert str(refused.value) == f"{out}: has a recording already and was left alone; name another folder with --out"
    assert (out / "rep1" / "input.json").read_bytes() == before


def test_a_signal_ends_everything_and_keeps_whole_repetitions(pretending: Path, tmp_path: Path) -> None:
    out = tmp_path / "case"

    def terminate() -> None:
        while not (out / "rep1").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=terminate).start()
    with pytest.raises(KeyboardInterrupt):
        record(an_assignment(), pretending, out, reps=20)

    left = sorted(path.name for path in out.iterdir())
    assert left == ["arrivals.csv.gz", "rep1"]
    assert told_ip(pretending)[-1].startswith("netns delete")
    running = subprocess.run(["pgrep", "-f", str(pretending)], capture_output=True, text=True, check=False).stdout
    assert running == "", "actors outlived their director"
