"""Replays: what was written is read back, and what cannot be is named by its line."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.workload.replay import NEVER_ANSWERS, Replay, read_replay
from sim.units import MS, SECOND, InputError

SAMPLES = Path(__file__).resolve().parents[3] / "experiments" / "reality" / "samples"
TENTH_MS = MS // 10
ROWS = st.lists(
    st.tuples(st.integers(0, 10**7), st.integers(0, 10**6), st.integers(0, 5), st.integers(0, 9)),
    min_size=1,
    max_size=50,
)


def a_replay(folder: Path, text: str) -> Replay:
    path = folder / "a.csv"
    path.write_text(text, encoding="utf-8")
    return read_replay(str(path))


def error_of(folder: Path, text: str) -> str:
    """The message behind the file's path."""
    with pytest.raises(InputError) as caught:
        a_replay(folder, text)
    assert str(caught.value).startswith(f"{folder / 'a.csv'}:")
    return str(caught.value).removeprefix(f"{folder / 'a.csv'}:")


@given(rows=ROWS)
def test_an_open_loop_reads_back_what_was_written(tmp_path_factory: pytest.TempPathFactory, rows: list) -> None:
    rows = sorted(rows)
    lines = [f"{k},{t / 1e4:.4f},{s / 1e4},{host},{w}" for k, (t, s, host, w) in enumerate(rows)]

    replay = a_replay(tmp_path_factory.mktemp("open"), "\n".join(["id,t,service,host,worker", *lines]))

    t, service, host, worker = (list(column) for column in zip(*rows, strict=True))
    assert replay.rows() == ([one * TENTH_MS for one in t], [one * TENTH_MS for one in service], host, worker)
    assert not replay.closed
    assert replay.n_hosts == max(host) + 1


@given(rows=ROWS)
def test_a_closed_loop_reads_back_what_was_written(tmp_path_factory: pytest.TempPathFactory, rows: list) -> None:
    lines = [f"{w},{host},{s / 1e4},{t / 1e4}" for t, s, host, w in rows]

    replay = a_replay(tmp_path_factory.mktemp("closed"), "\n".join(["worker,host,service,think", *lines]))

    assert replay.closed
    assert replay.think.tolist() == [t * TENTH_MS for t, _, _, _ in rows]
    by_worker = {w: [k for k, row in enumerate(rows) if row[3] == w] for w in {row[3] for row in rows}}
    assert replay.by_worker() == by_worker


def test_a_service_of_9999_never_answers(tmp_path: Path) -> None:
    replay = a_replay(tmp_path, "t,service\n0.1,9998.9\n0.2,9999\n0.3,20000\n")

    assert replay.service.tolist() == [9998_900 * MS, NEVER_ANSWERS, NEVER_ANSWERS]


def test_host_and_worker_may_be_left_out_and_other_columns_may_be_anything(tmp_path: Path) -> None:
    replay = a_replay(tmp_path, "id,t,path,service\n7f-a1,0.5,/x,0.1\n7f-a2,0.5,/y,0.2\n")

    assert replay.t.tolist() == [SECOND // 2] * 2
    assert replay.host.tolist() == replay.worker.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("t,service\n1,0\n3.2074,0\n3.2071,0\n", "4: t=3.2071 lies before t=3.2074 of line 3; sort the file"),
        ("t,service\n1,0\n \n0.5,0\n", "4: t=0.5 lies before t=1 of line 2; sort the file"),
        ("t,service\n1,0\n2,-0.1\n", "3: service=-0.1 is negative; it must lie at or above 0"),
        ("t,service\n-1,0\n", "2: t=-1 is negative; it must lie at or above 0"),
        ("t,service\n1,nan\n", "2: service=nan is not a finite number; leave the row out, or write 9999 for never"),
        ("t,service\n1,inf\n", "2: service=inf is not a finite number; leave the row out, or write 9999 for never"),
        ("t,service\n1,0\n2,1e12\n", "3: service=1e12 is beyond 126 years; write seconds"),
        ("t,service,host\n1,0,0\n2,0,0.5\n", "3: host=0.5 is not a whole number; number them 0, 1, 2"),
        ("t,service,host\n1,0,-1\n", "2: host=-1 is negative; it must lie at or above 0"),
        ("t,service,host\n1,0,web\n", "2: host=web is not a number; write one such as 0.5"),
        ("t,service\n1,0\n2,20ms\n", "3: service=20ms is not a number; write one such as 0.5"),
        ("t,service\n1,0\n2,\n", "3: service is empty; write a number such as 1"),
        ("t,service\n1,0\n2\n", "3: no field for service; write one field per column"),
        ("t,service\n1_0,0\n", "2: t=1_0 is not a number; write one such as 0.5"),
        ("0.1,0.2\n", "1: no column t (open loop) or think (closed loop) among 0.1, 0.2; write a header line"),
        ("t,host\n0,0\n", "1: no column service among t, host; add it"),
        ("think,service\n0,0\n", "1: no column worker among think, service; add it"),
        ("t,think,service\n0,0,0\n", "1: both t (open loop) and think (closed loop); leave one of them out"),
        ("t,service\n\n", "1: a header and no row; record at least one request"),
    ],
)
def test_a_wrong_file_is_named_by_its_line(tmp_path: Path, text: str, said: str) -> None:
    assert error_of(tmp_path, text) == said


@pytest.mark.parametrize(
    ("case", "n", "workers"),
    [("E01-mi2", 9103, 1), ("E02-tw0", 1282, 1), ("E08-mc10-90rps", 5435, 1), ("E14-mi2", 13000, 50)],
)
def test_the_recorded_samples_are_read(case: str, n: int, workers: int) -> None:
    replay = read_replay(str(SAMPLES / case / "arrivals.csv.gz"))

    assert len(replay.service) == n
    assert len(replay.by_worker()) == workers
    assert replay.closed == (workers > 1)
    assert not (replay.rows().when[0] % TENTH_MS), "recordings are quantised to 0.1 ms, so nothing was lost"


def test_a_large_file_is_read_like_a_small_one(tmp_path: Path) -> None:
    t = np.arange(50_000)
    lines = "".join(f"{k},{k / 1000:.4f},0.05,0,0\n" for k in t.tolist())
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(f"id,t,service,host,worker\n{lines}".encode(), mtime=0))

    replay = read_replay(str(path))

    assert np.array_equal(replay.t, t * MS)
