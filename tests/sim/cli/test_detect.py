"""`sim detect` and the exports of sockets, as a user meets them: a run, a file, a pipe, labels, and what is refused."""

import io
import json
from pathlib import Path

import pytest

from sim import wiring
from sim.cli.main import main
from tests.sim.export.watched import DATA, SCENARIO

BLACKHOLE = """
name: blackhole
duration: 12s
tail: 3s
records: {sockets: true, watch: 1000}
network: {rtt: 1ms}
clients: {gateway: {transport: {disable_keep_alives: true}}}
services: {orders: {backends: 2, resolve: {dns: rotate}, service_time: 10ms}}
workloads: {checkout: {client: gateway, service: orders, arrivals: {poisson: {rate: 40/s}}}}
timeline: [{at: 4s, drop: {backend: 0, for: 5s}}]
"""
LABELS = """
runs:
  blackhole:
    - {detector: half-open, from: 4s, to: 13s}
    - {detector: retransmissions}
    - {detector: close-wait}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("out") / "blackhole"
    wiring.run(wiring.load(BLACKHOLE), out=made)
    return made


def test_a_run_tells_what_is_wrong_where_and_what_cures_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["detect", str(folder), "--json"]) == 0

    (told,) = json.loads(capsys.readouterr().out)
    found = {one["detector"]: one for one in told["findings"]}
    assert set(found) == {"half-open", "retransmissions"}
    assert (found["half-open"]["key"], 7 <= found["half-open"]["start"] < 7.2) == ("10.1.0.7:80", True)
    assert "Dialer.Timeout" in found["half-open"]["cure"]


def test_its_own_text_tells_the_same_as_the_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["detect", str(folder), "--json"])
    (ours,) = json.loads(capsys.readouterr().out)
    for form, flags in (("tcpstates", "-t"), ("tcpstates", "-st"), ("tracefs", "")):
        path = folder / f"{form}{flags}.txt"
        assert main(["export", str(folder), "--format", form, "--flags", flags, "--out", str(path)]) == 0
        capsys.readouterr()

        main(["detect", str(path), "--json"])

        (theirs,) = json.loads(capsys.readouterr().out)
        assert theirs["records"] == ours["records"]
        found, asked = (one for each in (theirs, ours) for one in each["findings"] if one["detector"] == "half-open")
        assert (found["key"], found["start"]) == (asked["key"], pytest.approx(asked["start"], abs=1e-5))
        assert 0.7 * asked["n"] < found["n"] <= asked["n"], "a text ends with its last line, the run goes on"


def test_a_real_trace_in_a_pipe_is_read_and_its_broken_lines_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (DATA / "trace-6.18.txt").read_text()
    monkeypatch.setattr("sys.stdin", io.StringIO(text + text.splitlines()[-1][:120]))

    assert main(["detect", "-"]) == 0

    said = capsys.readouterr()
    assert said.out.startswith("-: 3 findings in 76 changes of state\n")
    assert "3 dials to 127.0.0.1:18082 had no answer after 3 s" in said.out
    assert "1 of 89 lines are broken and were skipped" in said.err


def test_lists_with_clocks_tell_half_open_dials_and_full_queues(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["detect", str(DATA / "ss-6.1.txt"), "--json"]) == 0

    (told,) = json.loads(capsys.readouterr().out)
    assert [one["detector"] for one in told["findings"]] == ["half-open", "accept-queue"]


def test_a_map_that_is_too_small_says_what_it_did_not_see(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["detect", str(folder), "--map", "10"])

    said = capsys.readouterr().out
    assert "half-open" not in said
    assert "Blind for" in said


def test_labels_give_precision_and_recall(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "labels.yaml").write_text(LABELS)

    assert main(["detect", str(folder), "--judge", str(tmp_path / "labels.yaml"), "--json"]) == 0

    scores = {one["detector"]: one for one in json.loads(capsys.readouterr().out)["scores"]}
    assert (scores["half-open"]["recall"][0], scores["half-open"]["precision"][0]) == (1.0, 1.0)
    assert scores["half-open"]["delays"][0] == pytest.approx(3.0, abs=0.2)
    assert (scores["close-wait"]["missed"], scores["close-wait"]["recall"][0]) == (1, 0.0)


def test_the_scores_are_a_table_for_people(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "labels.yaml").write_text(LABELS)

    main(["detect", str(folder), "--judge", str(tmp_path / "labels.yaml")])

    row = next(line for line in capsys.readouterr().out.splitlines()[::-1] if line.startswith("half-open"))
    assert row.split()[:6] == ["half-open", "1", "0", "0", "1.00", "(0.21-1.00)"]


def test_a_run_s_own_watcher_tells_how_it_did(folder: Path) -> None:
    summary = json.loads((folder / "summary.json").read_text())

    assert summary["detect.half_open_recall"] == 1.0
    assert summary["detect.half_open"] == summary["detect.half_open_true"] > 20


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (["detect", "nothing"], "nothing: no such file or directory; give a run's folder or a text"),
        (["detect", "hello.txt"], "hello.txt:1: 'hello' is no line of tcpstates, ftrace or ss; give the output of"),
        (["detect", "RUN", "--map", "0"], "--map: should be greater than or equal to 1; --help"),
        (["detect", "RUN", "--judge", "empty.yaml"], "empty.yaml: runs.blackhole: missing; write [] where nothing was"),
        (
            ["detect", "RUN", "--judge", "wrong.yaml"],
            "wrong.yaml:1:21: runs.blackhole.0.detector: \"half_open\" should be 'half-open'",
        ),
        (["export", "RUN", "--format", "ss", "--flags", "-w"], "--flags -w: w is no option here; those of ss are o, p"),
        (["export", "RUN", "--format", "tracefs", "--flags", "t"], "--flags t: t is no option here; tracefs has none"),
        (["export", "RUN", "--format", "ss", "--at", "1h"], "--at 3600s: lies after the end of the run at 15 s"),
        (["export", "PLAIN", "--format", "tcplife"], "run it again with --set records.sockets=true"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_line(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    arguments: list[str], refusal: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("hello.txt").write_text("hello\n")
    Path("empty.yaml").write_text("runs: {}\n")
    Path("wrong.yaml").write_text("runs: {blackhole: [{detector: half_open}]}\n")
    if "PLAIN" in arguments:
        wiring.run(wiring.load(SCENARIO, ["records.sockets=false", "duration=1s"]), out="PLAIN")

    code = main([str(folder) if one == "RUN" else one for one in arguments])

    said = capsys.readouterr().err
    assert (code, said.count("\n")) == (2, 1)
    assert refusal in said
