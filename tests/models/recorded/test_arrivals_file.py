"""Arrivals of a recording: what is drawn from a seed, how it is written, and how much is allowed."""

from pathlib import Path

import pytest

from models.recorded.arrivals_file import arrivals_of
from models.recorded.experiment import Experiment
from models.workload.replay import NEVER_ANSWERS, read_replay
from sim.scenario import Loader
from sim.units import MS, SECOND

HEAD = "Experiment: P01\nVariant: a\nDuration: 10s\n"


def an_experiment(more: str) -> Experiment:
    experiment: Experiment = Loader(Experiment).load(HEAD + more, "own.yaml")
    return experiment


def test_the_same_seed_draws_the_same_arrivals_and_another_seed_others() -> None:
    drawn = "Arrivals: {poisson: 100/s}\nService: {exponential: {mean: 50ms}}\n"

    first, second, other = (arrivals_of(an_experiment(drawn + f"Seed: {seed}\n")) for seed in (7, 7, 8))

    assert first.text() == second.text()
    assert first.text() != other.text()


def test_rates_and_means_are_those_asked_for() -> None:
    found = arrivals_of(an_experiment("Arrivals: {poisson: 400/s}\nService: {exponential: {mean: 50ms}}\n"))

    n = len(found.rows)
    assert abs(n - 4000) < 4 * 4000**0.5, "four standard deviations of a Poisson count"
    assert abs(sum(row.service for row in found.rows) / n - 50 * MS) < 4 * 50 * MS / n**0.5


def test_what_is_written_is_what_a_replay_reads(tmp_path: Path) -> None:
    found = arrivals_of(
        an_experiment(
            "Arrivals: {poisson: 100/s}\nService: {lognormal: {mean: 20ms, p99: 90ms}}\n"
            "Server: {Backends: [{}, {}, {}]}\nNeverAnswered: {Share: 0.5, Begins: 2s, Ends: 4s}\n"
        )
    )
    (tmp_path / "arrivals.csv").write_text(found.text())

    read = read_replay(str(tmp_path / "arrivals.csv"))

    assert read.t.tolist() == [row.when for row in found.rows]
    assert read.service.tolist() == [NEVER_ANSWERS if row.service < 0 else row.service for row in found.rows]
    assert read.host.tolist() == [i % 3 for i in range(len(found.rows))]


def test_requests_that_hang_arrive_between_the_two_instants() -> None:
    found = arrivals_of(
        an_experiment("Arrivals: {constant: 100/s}\nService: 1ms\nNeverAnswered: {Share: 1, Begins: 2s, Ends: 4s}\n")
    )

    hang = [row.when for row in found.rows if row.service < 0]
    assert hang == [2 * SECOND + k * 10 * MS for k in range(200)]


def test_times_are_quantised_to_a_tenth_of_a_millisecond() -> None:
    found = arrivals_of(an_experiment("Arrivals: {constant: 3/s}\nService: 33333us\n"))

    assert found.text().splitlines()[:3] == ["id,t,service,host,worker", "0,0,0.0333,0,0", "1,0.3333,0.0333,0,0"]


def test_each_worker_of_a_closed_loop_has_rows_to_the_end_and_a_host_of_its_own() -> None:
    found = arrivals_of(
        an_experiment(
            "Arrivals: {closed_loop: {workers: 3, think: 400ms}}\nService: 100ms\nServer: {Backends: [{}, {}]}\n"
        )
    )

    assert found.workers == 3
    assert [(row.worker, row.host) for row in found.rows] == [(0, 0)] * 20 + [(1, 1)] * 20 + [(2, 0)] * 20
    assert found.text().startswith("id,think,service,host,worker\n0,0.4,0.1,0,0\n")


def test_hosts_may_be_drawn() -> None:
    found = arrivals_of(
        an_experiment(
            "Arrivals: {constant: 300/s}\nService: 1ms\nServer: {Backends: [{}, {}, {}]}\nHostChoice: random\n"
        )
    )

    counts = [sum(row.host == host for row in found.rows) for host in range(3)]
    assert sum(counts) == 3000
    assert all(abs(n - 1000) < 110 for n in counts), f"four standard deviations of a binomial count: {counts}"


def test_a_replay_is_taken_as_it_is(tmp_path: Path) -> None:
    text = "id,t,service,host,worker\n0,0.5,0.01,1,0\n1,0.75,9999,0,0\n"
    (tmp_path / "a.csv").write_text(text)

    found = arrivals_of(
        an_experiment(f"Arrivals: {{replay: {tmp_path / 'a.csv'}}}\nServer: {{Backends: [{{}}, {{}}]}}\n")
    )

    assert found.text() == text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("Arrivals: {constant: 9000/s}\nService: 1ms\n", "arrivals: 9,000 a second; the recorder sends 2,000 at most"),
        ("Arrivals: {poisson: 1000000/s}\nService: 1ms\n", "arrivals: more than 500,000 rows; lower the rate"),
        ("Arrivals: {poisson: 0/s}\nService: 1ms\n", "arrivals: none within 10 s; raise the rate, or Duration"),
        ("Arrivals: {closed_loop: {workers: 5000}}\nService: 1ms\n", "arrivals: 5,000 workers; 2,000 are the most"),
        ("Arrivals: {closed_loop: {workers: 2}}\nService: 0s\n", "arrivals: more than 500,000 rows"),
        ("Arrivals: {replay: far.csv}\n", "duration: the last arrival is at 11 s; raise Duration"),
        ("Arrivals: {replay: host.csv}\n", "hosts: the arrivals ask host 1; there are 1, from 0"),
    ],
)
def test_more_than_the_recorder_can_send_is_refused(
    asked: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "far.csv").write_text("t,service\n1,0.1\n11,0.1\n")
    (tmp_path / "host.csv").write_text("t,service,host\n1,0.1,1\n")

    with pytest.raises(ValueError) as refused:
        arrivals_of(an_experiment(asked))

    assert said in str(refused.value)
