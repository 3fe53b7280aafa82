"""`sim run` on a world made up here: what is printed, what is written, what the exit code is."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

import sim
from sim.cli.main import main
from sim.units import InputError


@dataclass
class FakeRun:
    """What a run hands over."""

    summary: dict[str, Any]
    manifest: dict[str, Any]
    requests: pl.DataFrame
    samples: pl.DataFrame
    windows: pl.DataFrame = field(default_factory=pl.DataFrame)
    warnings: list[str] = field(default_factory=list)

    def columns(self, table: str, names: Sequence[str]) -> pl.DataFrame:
        assert table == "requests"
        return self.requests.select([name for name in names if name in self.requests.columns])


def a_run(**changes: Any) -> FakeRun:
    scenario = {
        "name": "order-gateway",
        "duration": "60s",
        "warmup": "0s",
        "clients": {"gateway": {"kernel": {"ip_local_port_range": [32768, 60999]}}},
        "timeline": [{"at": "30s", "pause": {"backend": 0, "for": "2s"}}],
    }
    n = 2000
    given: dict[str, Any] = {
        "summary": {
            "n_requests": 72_034, "n_ok": 72_030, "n_err": 4, "err:EOF": 3, "err:timeout": 1, "lat_p50": 0.0123,
            "lat_p90": 0.05, "lat_p99": 0.121, "lat_p999": 0.3, "throughput": 1200.5, "dials_per_request": 0.031,
            "share_b0": 0.5, "share_b1": 0.3, "share_b2": 0.2, "inflight_max": 120, "goroutines_max": 310,
        },
        "manifest": {"scenario": scenario, "seed": 7, "fingerprint": "ab12", "versions": {"sim": "0.1"}},
        "requests": pl.DataFrame(
            {
                "workload": ["checkout"] * n,
                "t_arrival": [i * 0.03 for i in range(n)],
                "t_done": [i * 0.03 + 0.01 + i / 1e5 for i in range(n)],
                "err": [""] * n,
            }
        ),
        "samples": pl.DataFrame(
            {
                "t": [i / 10 for i in range(600)],
                "inflight": [20 + (100 if 300 < i < 330 else 0) for i in range(600)],
                "c_estab": [40] * 600,
                "c_time_wait": [min(i * 10, 4000) for i in range(600)],
                "goroutines": [300] * 600,
            }
        ),
    }  # fmt: skip
    return FakeRun(**given | changes)


class FakeWiring:
    """Stands for sim.wiring."""

    def __init__(self, done: FakeRun | BaseException) -> None:
        self.done = done
        self.calls: list[tuple[str, Any]] = []

    def load(self, path: Path, overrides: Any = ()) -> Any:
        if "bad" in Path(path).read_text():
            raise InputError(f"{path}:1:1: bad: unknown key; did you mean base?")
        self.calls.append(("load", tuple(overrides)))
        return SimpleNamespace(name="order-gateway")

    def run(self, scenario: Any, **options: Any) -> FakeRun:
        self.calls.append(("run", options))
        options["progress"](0.5)
        if isinstance(self.done, BaseException):
            raise self.done
        return self.done


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gateway").mkdir()
    (tmp_path / "gateway" / "scenario.yaml").write_text("name: order-gateway\n")
    return tmp_path


def wired(monkeypatch: pytest.MonkeyPatch, done: FakeRun | BaseException) -> FakeWiring:
    fake = FakeWiring(done)
    monkeypatch.setattr(sim, "wiring", fake, raising=False)
    return fake


def test_the_first_line_answers(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    wired(monkeypatch, a_run())

    code = main(["run", "gateway"])

    printed = capsys.readouterr().out.splitlines()
    assert code == 0
    assert printed[0] == "order-gateway: 72,034 requests in 60 s, 0.01 % failed, p99 121 ms"


def test_one_request_is_singular(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    wired(monkeypatch, a_run(summary={"n_requests": 1}))

    main(["run", "gateway"])

    assert "order-gateway: 1 request in 60 s" in capsys.readouterr().out


def test_the_table_has_at_most_ten_rows_and_names_the_errors(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    wired(monkeypatch, a_run())

    main(["run", "gateway"])

    printed = capsys.readouterr().out
    rows = printed.split("─")[-1].split("next:")[0].strip().splitlines()
    assert len(rows) <= 10
    assert "EOF 3, timeout 1" in printed
    assert "12.3 / 50 / 121 / 300" in printed
    assert "4,040 of 28,232" in printed, "40 established and 4,000 in TIME_WAIT hold ports of 28,232"
    assert "\x1b" not in printed, "no terminal, no escape codes"


def test_the_report_is_written_and_its_path_is_the_last_line_of_standard_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    wired(monkeypatch, a_run())

    main(["run", "gateway"])

    last = capsys.readouterr().err.splitlines()[-1]
    page = (folder / "out" / "order-gateway" / "report.html").read_text()
    assert last == "out/order-gateway/report.html"
    assert page.count("<svg") == 4
    assert "pause backend 0" in page


def test_json_is_the_summary_and_nothing_else(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    done = a_run()
    wired(monkeypatch, done)

    main(["run", "gateway/scenario.yaml", "--json"])

    assert json.loads(capsys.readouterr().out) == done.summary


def test_options_reach_the_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = wired(monkeypatch, a_run())

    main(["run", "gateway", "--set", "duration=5s", "--set", "warmup=1s", "--seed", "9", "--out", "there"])

    assert fake.calls[0] == ("load", ("duration=5s", "warmup=1s"))
    assert fake.calls[1][1]["seed"] == 9
    assert fake.calls[1][1]["out"] == Path("there")
    assert "sim run gateway --set duration=5s --set warmup=1s --seed 9" in (folder / "there/report.html").read_text()


def test_warnings_go_to_standard_error_and_are_counted(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    wired(monkeypatch, a_run(warnings=[f"orders.log:{i}: 3 fields, not 9; left out" for i in range(1, 14)]))

    main(["run", "gateway"])

    talk = capsys.readouterr().err
    assert "warning: orders.log:1: 3 fields, not 9; left out" in talk
    assert "warning: 3 more like these" in talk


def test_a_wrong_scenario_gives_one_line_and_exit_code_2(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    wired(monkeypatch, a_run())
    (folder / "wrong.yaml").write_text("bad: 1\n")

    code = main(["run", "wrong.yaml"])

    assert code == 2
    assert capsys.readouterr().err == "wrong.yaml:1:1: bad: unknown key; did you mean base?\n"
    assert not (folder / "out").exists()


def test_a_missing_file_gives_the_way_out(folder: Path, capsys: Any) -> None:
    code = main(["run", "nowhere.yaml"])

    assert code == 2
    assert "nowhere.yaml: no such file; `sim list`" in capsys.readouterr().err


def test_a_folder_without_a_scenario_gives_the_way_out(folder: Path, capsys: Any) -> None:
    (folder / "empty").mkdir()

    code = main(["run", "empty"])

    assert code == 2
    assert "empty: there is no scenario.yaml in this folder" in capsys.readouterr().err


def test_an_interrupted_run_says_what_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    done = a_run()
    wired(monkeypatch, a_run(manifest={**done.manifest, "partial": True, "simulated_seconds": 12.0}))

    code = main(["run", "gateway"])

    captured = capsys.readouterr()
    assert code == 130
    first = captured.out.splitlines()[0]
    assert first.startswith("order-gateway: 72,034 requests in 12 s of 60 s, 0.01 % failed")
    assert first.endswith("(interrupted, so partial)")
    assert "interrupted at 12 s" in (folder / "out" / "order-gateway" / "report.html").read_text()
    assert "interrupted; what was done is kept in out/order-gateway" in captured.err


def test_a_fault_of_the_program_gives_a_traceback_and_asks_for_the_command(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    wired(monkeypatch, KeyError("slot"))

    code = main(["run", "gateway", "--seed", "3"])

    talk = capsys.readouterr().err
    assert code == 3
    assert "KeyError: 'slot'" in talk
    assert talk.splitlines()[-1].endswith("`sim run gateway --seed 3`")


def test_a_run_without_levels_still_has_a_digest(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    wired(monkeypatch, a_run(samples=pl.DataFrame(), requests=pl.DataFrame(), summary={"n_requests": 0}))

    code = main(["run", "gateway"])

    assert code == 0
    assert "0 requests in 60 s, 0.00 % failed, p99 –" in capsys.readouterr().out
