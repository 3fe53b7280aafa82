"""The bench plays measurements with the kernel model itself, and says how far its timer wheel scatters."""

import pytest

from models.kernel.sysctl import KernelConfig
from models.measured.bench import Bench, SetUp, close_now, granule_s, wheel_of
from sim.units import MS, SECOND


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


def test_explicit_binds_take_every_port_once() -> None:
    bench = Bench(SetUp(client=KernelConfig(ip_local_port_range=(40000, 40003))))

    assert {bench.ports.bind_local() for _ in range(5)} == {40000, 40001, 40002, 40003, None}


@pytest.mark.parametrize(("timer_s", "granule"), [(0.1, 0.004), (1, 0.032), (4, 0.256), (60, 2.048), (200, 16.384)])
def test_a_granule_is_what_expiries_of_many_machines_scatter_by(timer_s: float, granule: float) -> None:
    fired = [wheel_of(number).fires_at(0, round(timer_s * SECOND)) / SECOND for number in range(1000)]

    assert granule_s(timer_s) == pytest.approx(granule)
    assert max(fired) - min(fired) == pytest.approx(granule, rel=0.01)
