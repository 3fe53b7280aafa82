"""Cases of the keys under services.*.program."""

from tests.keys.case import Case, change

BUSY = "S.program={cpu: {cores: 1}}"


def _jvm(changed: str, jvm: str = "collector: parallel") -> Case:
    """A key of a heap of 40 MB that is collected after every twelve requests."""
    usual = "" if "allocation" in jvm else "allocation: 1MB, "
    return change(f"S.program.jvm.{changed}", f"S.program={{jvm: {{heap: 40MiB, {usual}{jvm}}}}}")


def _go(changed: str) -> Case:
    """A key of a Go heap that is collected every twenty requests."""
    return change(f"S.program.go.{changed}", "S.program={cpu: {cores: 2}, go: {live: 20MB, allocation: 1MB}}")


FULL = "collector: parallel, live: 30MiB"
DYING = "collector: parallel, live: 36MiB, exit_on_oom: true, held: 1.0"
STUCK = "collector: parallel, live: 39050kB, allocation: 50kB, full_pause_per_gb: 2500ms"
CLASSES = "collector: parallel, metaspace: {per_request: 1MB}"

CACHE = "keys: 20, life: 100ms, pool: 1, time: {exponential: {mean: 20ms}}"


def _cache(changed: str, cache: str = CACHE) -> Case:
    """A key of a cache of twenty entries that are soon forgotten."""
    return change(f"S.program.cache.{changed}", f"S.program={{cache: {{{cache}}}}}", "A={poisson: {rate: 200/s}}")


PROGRAMS: dict[str, Case] = {
    "services.*.program.cache.keys": _cache("keys=10"),
    "services.*.program.cache.life": _cache("life=200ms"),
    "services.*.program.cache.is_warm": _cache("is_warm=false"),
    "services.*.program.cache.pool": _cache("pool=2"),
    "services.*.program.cache.queue": _cache("queue=3"),
    "services.*.program.cache.timeout": _cache("timeout=30ms"),
    "services.*.program.cache.coalesces": _cache("coalesces=true"),
    "services.*.program.cache.late_fills": _cache("late_fills=true", f"{CACHE}, timeout: 30ms"),
    "services.*.program.jvm.held_waiting": change(
        "S.program.jvm.held_waiting=500kB", "S.workers=1", "A={poisson: {rate: 100/s}}",
        "S.program={jvm: {heap: 40MiB, collector: parallel, allocation: 1MB}}",
    ),
    "services.*.program.cpu.cores": change("S.program.cpu.cores=2", BUSY),
    "services.*.program.cpu.discipline": change("S.program.cpu.discipline=fifo", BUSY),
    "services.*.program.cpu.quota": change("S.program.cpu.quota=0.5", BUSY),
    "services.*.program.cpu.period": change("S.program.cpu.period=50ms", "S.program={cpu: {cores: 2, quota: 0.5}}"),
    "services.*.program.jvm.heap": _jvm("heap=80MiB"),
    "services.*.program.jvm.live": _jvm("live=20MiB"),
    "services.*.program.jvm.allocation": _jvm("allocation=2MB"),
    "services.*.program.jvm.allocation_spread": _jvm("allocation_spread=exponential"),
    "services.*.program.jvm.held": _jvm("held=1.0"),
    "services.*.program.jvm.java": _jvm("java=8", "live: 20MiB"),
    "services.*.program.jvm.collector": _jvm("collector=g1"),
    "services.*.program.jvm.new_ratio": _jvm("new_ratio=4"),
    "services.*.program.jvm.survivor_ratio": _jvm("survivor_ratio=2"),
    "services.*.program.jvm.tenuring": _jvm("tenuring=0", "collector: parallel, held: 1.0"),
    "services.*.program.jvm.young_pause": _jvm("young_pause=5ms"),
    "services.*.program.jvm.young_pause_per_gb": _jvm("young_pause_per_gb=2s", "collector: parallel, held: 1.0"),
    "services.*.program.jvm.full_pause_per_gb": _jvm("full_pause_per_gb=2s", FULL),
    "services.*.program.jvm.mark_per_gb": _jvm("mark_per_gb=9s", "collector: g1, live: 20MiB, tenuring: 0, held: 1.0"),
    "services.*.program.jvm.gc_time_limit": _jvm("gc_time_limit=100", STUCK),
    "services.*.program.jvm.gc_heap_free_limit": _jvm("gc_heap_free_limit=0", STUCK),
    "services.*.program.jvm.leak.per_request": _jvm("leak.per_request=100kB"),
    "services.*.program.jvm.leak.per_second": _jvm("leak.per_second=1MB"),
    "services.*.program.jvm.load_at_start.size": _jvm(
        "load_at_start.size=20MB", "collector: parallel, load_at_start: {size: 10MB, time: 1s}"
    ),
    "services.*.program.jvm.load_at_start.time": _jvm(
        "load_at_start.time=500ms", "collector: parallel, load_at_start: {size: 10MB, time: 1s}"
    ),
    "services.*.program.jvm.load_at_start.before_listening": _jvm(
        "load_at_start.before_listening=true", "collector: parallel, load_at_start: {size: 10MB, time: 1s}"
    ),
    "services.*.program.jvm.metaspace.size": _jvm("metaspace.size=10MiB", CLASSES),
    "services.*.program.jvm.metaspace.max": _jvm("metaspace.max=40MiB", CLASSES),
    "services.*.program.jvm.metaspace.loaded": _jvm("metaspace.loaded=19MB", CLASSES),
    "services.*.program.jvm.metaspace.per_request": _jvm("metaspace.per_request=2MB", CLASSES),
    "services.*.program.jvm.exit_on_oom": _jvm("exit_on_oom=false", DYING),
    "services.*.program.jvm.restart_after": _jvm("restart_after=100ms", DYING),
    "services.*.program.go.gogc": _go("gogc=50"),
    "services.*.program.go.gomemlimit": _go("gomemlimit=25MB"),
    "services.*.program.go.live": _go("live=10MB"),
    "services.*.program.go.roots": _go("roots=4MB"),
    "services.*.program.go.allocation": _go("allocation=2MB"),
    "services.*.program.go.allocation_spread": _go("allocation_spread=exponential"),
    "services.*.program.go.held": _go("held=1.0"),
    "services.*.program.go.gomaxprocs": _go("gomaxprocs=1"),
    "services.*.program.go.mark_per_gb": _go("mark_per_gb=3s"),
    "services.*.program.go.stop": _go("stop=1ms"),
    "services.*.program.go.leak.per_request": _go("leak.per_request=100kB"),
    "services.*.program.go.leak.per_second": _go("leak.per_second=1MB"),
    "services.*.program.calls.[].pool": change("S.program={calls: [{pool: 2}]}", "S.program={calls: [{pool: 1}]}"),
    "services.*.program.calls.[].timeout": change(
        "S.program={calls: [{pool: 1, timeout: 1ms}]}", "S.program={calls: [{pool: 1, timeout: 2ms}]}"
    ),
    "services.*.program.calls.[].fan_out": change(
        "S.program={calls: [{fan_out: 5, time: {exponential: 5ms}}]}", "S.program={calls: [{time: {exponential: 5ms}}]}"
    ),
    "services.*.program.calls.[].hedge_after": change(
        "S.program={calls: [{hedge_after: 1ms, time: {exponential: 5ms}}]}",
        "S.program={calls: [{time: {exponential: 5ms}}]}",
    ),
}  # fmt: skip
