"""Trials on a Dask cluster: a real scheduler and real workers, each a process of its own on the loopback."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sim import wiring
from sim.cli.main import main
from sim.execution import cluster as clusters
from sim.execution.cluster import Cluster, cluster
from sim.execution.execute import workers_of
from sim.execution.sweep import sweep
from sim.scenario import Loader, resolve
from sim.store.store import Store
from sim.study.read import Resolver
from sim.study.study import Study
from sim.study.trial import Model, Outcome
from sim.units import InputError
from sim.version import MODEL_VERSION, identity

distributed = pytest.importorskip("distributed", reason="the extra [cluster] is not installed")

ROOT = Path(__file__).parents[3]
SCENARIO = """
name: small
duration: 1s
clients: {gateway: {}}
services: {orders: {service_time: {exponential: {mean: 20ms}}}}
workloads: {checkout: {client: gateway, service: orders, arrivals: {poisson: {rate: 300/s}}}}
"""
SEARCHED = """
name: searched
duration: 1s
clients:
  gateway: {transport: {max_idle_conns_per_host: -1}, kernel: {tcp_tw_reuse: 0, ip_local_port_range: [40000, 40255]}}
services: {orders: {resolve: literal, service_time: 1ms}}
workloads: {checkout: {client: gateway, service: orders, arrivals: {constant: {rate: 100/s}}}}
"""
"""256 ports, none of which comes back within a second."""
SEARCH = ["--find", "error_rate > 0", "--along", "workloads.checkout.arrivals.poisson.rate", "--between", "9/s", "99/s"]
MODEL = Model(run=wiring.run_trial, version=MODEL_VERSION, resolve=Resolver(wiring.Scenario))


def a_study(replications: int = 6) -> Study:
    base = wiring.load(SCENARIO)
    tree = {
        "name": "small", "base": resolve(base), "replications": replications, "keep": "samples",
        "arms": {"two": {}, "ten": {"set": {"clients.gateway.transport.max_idle_conns_per_host": 10}}},
    }  # fmt: skip
    study: Study = Loader(Study).load_tree(tree, "study")
    return study


@contextmanager
def dask(part: str, *arguments: str, says: str) -> Iterator[tuple[subprocess.Popen, str]]:
    """A scheduler or a worker and the address that it says it has."""
    command = [sys.executable, "-m", f"distributed.cli.dask_{part}", "--no-dashboard", "--host", "127.0.0.1"]
    given = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([*command, *arguments], stderr=subprocess.PIPE, text=True, env=given, cwd=ROOT) as process:
        assert process.stderr is not None
        try:
            line = next(line for line in process.stderr if says in line)
            yield process, line.split(says)[1].split()[0]
        finally:
            process.kill()


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    with dask("scheduler", "--port", "0", "--no-show", says="Scheduler at:") as (_, address):
        yield address


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cluster")


@contextmanager
def a_worker(scheduler: str, folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen, str]]:
    options = ["--nthreads", "1", "--no-nanny", "--local-directory", str(folder), *arguments]
    with dask("worker", scheduler, *options, says="Start worker at:") as (process, address):
        with distributed.Client(scheduler, set_as_default=False) as client:
            while address not in client.scheduler_info(n_workers=-1)["workers"]:
                assert process.poll() is None, "the worker has ended"
                client.sync(client._update_scheduler_info)  # asks, and by that waits
        yield process, address


@pytest.fixture(scope="module")
def another(scheduler: str, folder: Path) -> Iterator[str]:
    """A worker with an older model."""
    (folder / "older.py").write_text("import sim.version\nsim.version.MODEL_VERSION = '2'\n")
    with a_worker(scheduler, folder, "--preload", str(folder / "older.py")) as (_, address):
        yield address


def kept(store: Store) -> pl.DataFrame:
    return store.frame().drop("seconds")


def test_a_cluster_that_loses_a_worker_gives_the_results_of_this_machine(
    scheduler: str, folder: Path, tmp_path: Path
) -> None:
    here, there = Store(tmp_path / "here"), Store(tmp_path / "there")
    alone = sweep(a_study(), MODEL, here, workers=1)

    with ExitStack() as running:
        lost, _ = running.enter_context(a_worker(scheduler, folder))
        running.enter_context(a_worker(scheduler, folder))
        with workers_of(None, scheduler, None) as workers:
            result = sweep(
                a_study(), MODEL, there, workers=workers, progress=lambda done, _: lost.kill() if done == 3 else None
            )

        assert lost.wait() != 0, "it was killed in the middle"
    assert result.failed == []
    assert_frame_equal(kept(there), kept(here), check_exact=True)
    assert_frame_equal(result.samples("ten", replication=4), alone.samples("ten", replication=4), check_exact=True)


def test_ctrl_c_keeps_what_workers_have(scheduler: str, folder: Path, tmp_path: Path) -> None:
    store = Store(tmp_path)

    def interrupt(done: int, _: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with a_worker(scheduler, folder), workers_of("dask", scheduler, None) as workers:
        with pytest.raises(KeyboardInterrupt):
            sweep(a_study(), MODEL, store, workers=workers, progress=interrupt)

        n = store.frame().height
        assert 3 <= n <= 6, "the two that were told, and what the only worker had at that moment"


@pytest.mark.slow
def test_a_search_on_a_cluster_finds_what_this_machine_finds(
    scheduler: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "scenario.yaml").write_text(SEARCHED)
    asked = [
        "sweep", str(tmp_path), "--find", "error_rate > 0", "--along", "workloads.checkout.arrivals.constant.rate",
        "--between", "100/s", "600/s", "--within", "50/s", "--json",
    ]  # fmt: skip

    with a_worker(scheduler, folder), a_worker(scheduler, folder):
        code = main([*asked, "--out", str(tmp_path / "there"), "--scheduler", scheduler])
    there = json.loads(capsys.readouterr().out)
    assert [code, main([*asked, "--out", str(tmp_path / "here"), "--workers", "1"])] == [0, 0]
    here = json.loads(capsys.readouterr().out)

    assert [line.pop("seconds") > 0 for found in (here, there) for line in found["lines"]] == [True, True]
    assert there["lines"] == here["lines"]
    assert_frame_equal(kept(Store(tmp_path / "there")), kept(Store(tmp_path / "here")), check_exact=True)


def test_a_scheduler_without_a_worker_is_refused(scheduler: str) -> None:
    with pytest.raises(InputError, match="has no worker; start some with `dask worker tcp:"), cluster(scheduler):
        pass


def test_a_worker_of_another_version_is_refused_by_name_before_anything_is_made(
    scheduler: str, another: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "study.yaml").write_text("name: s\nbase: scenario.yaml\n")
    (tmp_path / "scenario.yaml").write_text(SCENARIO)

    code = main(["sweep", str(tmp_path), "--out", str(tmp_path / "out"), "--scheduler", scheduler])

    assert code == 2
    expected = f"worker {another}: model version 2 is not {MODEL_VERSION}; stop it, or install there what is here"
    assert capsys.readouterr().err.splitlines()[-1] == expected
    assert not (tmp_path / "out").exists()


def test_a_worker_that_was_never_asked_refuses_its_call(scheduler: str, another: str) -> None:
    with distributed.Client(scheduler, set_as_default=False) as client:
        error = Cluster(client, scheduler).submit(pow, 2, 3).exception()

    assert isinstance(error, InputError)
    assert str(error).startswith(f"worker {another}: model version 2 is not {MODEL_VERSION}; ")


@pytest.mark.parametrize(
    ("address", "message", "more"),
    [
        ("tcp://127.0.0.1:1", "no scheduler answers there; start one with `dask scheduler`", []),
        ("nowhere", "missing port number in address 'nowhere'; start one with", []),
        ("tcp://127.0.0.1:1", "no scheduler answers there; start one with `dask scheduler`", SEARCH),
    ],
)
def test_an_unreachable_scheduler_makes_nothing(  # parameters: fixtures
    address: str,
    message: str,
    more: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(clusters, "CONNECT_S", 0.5)
    (tmp_path / "study.yaml").write_text("name: s\nbase: scenario.yaml\n")
    (tmp_path / "scenario.yaml").write_text(SCENARIO)

    code = main(["sweep", str(tmp_path), "--out", str(tmp_path / "out"), "--scheduler", address, *more])

    assert code == 2
    assert capsys.readouterr().err.startswith(f"scheduler {address}: {message}")
    assert not (tmp_path / "out").exists()


def test_a_trial_that_takes_its_workers_with_it_has_failed(scheduler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs: Future[Any] = Future()
    theirs.set_exception(distributed.KilledWorker("trial-1", SimpleNamespace(address="tcp://127.0.0.1:2"), 3))
    with distributed.Client(scheduler, set_as_default=False) as client:
        on = Cluster(client, scheduler)
        monkeypatch.setattr(on._executor, "submit", lambda *_, **__: theirs)
        outcome = on.submit(pow, 2, 3).result()

    assert isinstance(outcome, Outcome)
    assert outcome.error.startswith("KilledWorker: Attempted to run task 'trial-1'")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("dask", None, None), "executor dask: needs the address of a scheduler, such as --scheduler"),
        (("processes", "tcp://a:1", None), "scheduler tcp://a:1: goes with executor dask alone; leave out one"),
        (("dask", "tcp://a:1", 2), "workers 2: a cluster has its own; leave it out"),
        (("threads", None, None), "executor threads: is neither processes nor dask"),
    ],
)
def test_what_does_not_go_together_is_refused(given: tuple, message: str) -> None:
    with pytest.raises(InputError, match=message), workers_of(*given):
        pass


def test_python_without_the_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)

    with pytest.raises(InputError, match=r"distributed is not installed; pip install 'transport-sim\[cluster\]'"):
        workers_of("dask", "tcp://127.0.0.1:1", None).__enter__()


def test_versions_that_have_to_agree_are_those_that_results_depend_on() -> None:
    assert identity() == {
        "transport-sim": "0.1.0", "model version": MODEL_VERSION, "Python": f"3.{sys.version_info.minor}",
    }  # fmt: skip
