"""What Go says of it: go-texts."""

from collections.abc import Iterator

from models.kernel.connect import ENETUNREACH, Connect
from models.kernel.sysctl import KernelConfig
from models.measured.bench import Bench, SetUp
from models.measured.facts import Facts
from models.measured.quantity import Quantity, left_out, same
from models.transport.errors import connect_error, do_error
from models.transport.keep_alive import keep_alive
from sim.units import SECOND

GO_MINOR = 27


def go_texts(facts: Facts) -> Iterator[Quantity]:
    """go-texts: errors of dials as Go 1.27.3 writes them, and what its dialers set."""
    result = facts.part("result")
    narrow = KernelConfig(ip_local_port_range=(40000, 40001), connect_scan_cost=0)
    yield _text(result, "no_port", "127.0.0.1:8000", _failed(Bench(SetUp(client=narrow)), after=2))
    dead = Bench()
    dead.host.is_dead = True
    refused = _failed(dead)
    yield _text(result, "refused", "127.0.0.2:9", refused)
    url = do_error("GET", "http://127.0.0.1:9/", connect_error(refused, "127.0.0.1:9"))
    yield same("http_refused", [result.value("http_refused")], [url])
    yield _text(result, "emfile", "127.0.0.1:8001", _failed(Bench(SetUp(client=KernelConfig(nofile=1))), after=1))
    unreachable = Bench()
    unreachable.break_path()
    unreachable.link.icmp = ENETUNREACH
    yield _text(result, "no_route", "10.66.0.1:80", _failed(unreachable))
    for key, idle in (("keepalive_default_dialer", 0), ("keepalive_dialer_30s", 30 * SECOND)):
        settings = keep_alive(idle, GO_MINOR)
        assert settings is not None
        simulated = {"idle": settings.idle // SECOND, "interval": settings.interval // SECOND, "count": settings.count}
        yield same(key, [result.value(key)], [simulated])
    yield left_out("TCP_NODELAY", "no quantity: without Nagle's algorithm every write is sent at once here")


def _text(result: Facts, key: str, address: str, error: str) -> Quantity:
    return same(key, [result.value(key)], [connect_error(error, address)])


def _failed(bench: Bench, *, after: int = 0) -> str:
    """The error of the connect() after so many that succeed and stay open."""
    done: Connect = [bench.connected() for _ in range(after + 1)][-1]
    assert done.error, "it fails"
    return done.error
