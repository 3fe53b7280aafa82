"""The catalogue knows every measurement that comes along, and the bench plays them with the kernel model itself."""

import json
from pathlib import Path

from models.kernel.sysctl import KernelConfig
from models.measured.bench import Bench, SetUp, close_now
from models.measured.catalogue import REPRODUCTIONS
from sim.units import MS, SECOND

FILE = Path(__file__).parents[3] / "experiments" / "reality" / "kernel" / "linux-6.18.json"


def test_every_measurement_of_the_file_is_known_and_no_other() -> None:
    document = json.loads(FILE.read_text("utf-8"))

    assert [one["id"] for one in document["measurements"]] == list(REPRODUCTIONS)


def test_a_program_that_accepts_late_finds_what_fits_into_the_queue() -> None:
    bench = Bench(SetUp(backlog=1, accepts=False))
    for i in range(4):
        bench.engine.call_at(i * MS, lambda _: bench.dial(lambda _: None))

    bench.run(100 * MS)
    bench.program.fetch()

    assert len(bench.program.accepted) == 2, "a backlog of 1 holds two (sk_acceptq_is_full)"


def test_the_bench_sees_until_when_a_port_lingers() -> None:
    bench = Bench(SetUp(client=KernelConfig(ip_local_port_range=(40000, 40000))))

    close_now(bench.connected())
    bench.run(SECOND)

    assert list(bench.ports.lingers) == [40000]
    assert 60 <= bench.ports.lingers[40000] / SECOND <= 62.1
