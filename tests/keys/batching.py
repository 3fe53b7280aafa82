"""Cases of the keys of batches, of shards, of pings and of TCP_NODELAY."""

from tests.keys.case import Case, change

OFTEN = "A={poisson: {rate: 300/s}}"
BATCH = "W.batch"
SLOW = "S.service_time=200ms"
NODES = ("clients.nodes={}", "S.backends=4", "S.resolve=each", "S.shards={client: nodes, count: 8}", OFTEN)
MOVING = (*NODES, "W.batch={linger: 20ms, routing: state}", "S.shards.relocation_rate=1/s")


def _batch(changed: str, *given: str, batch: str = "linger: 20ms") -> Case:
    return change(f"{BATCH}.{changed}", OFTEN, f"{BATCH}={{{batch}}}", *given)


BATCHING: dict[str, Case] = {
    "workloads.*.batch.preset": change(f"{BATCH}={{linger: 20ms, preset: elasticsearch}}", OFTEN, SLOW,
                                       f"{BATCH}={{linger: 20ms}}"),
    "workloads.*.batch.max_items": _batch("max_items=3"),
    "workloads.*.batch.max_bytes": _batch("max_bytes=1kB"),
    "workloads.*.batch.linger": _batch("linger=40ms"),
    "workloads.*.batch.item_size": _batch("item_size=1kB"),
    "workloads.*.batch.item_time": _batch("item_time=1ms"),
    "workloads.*.batch.codec": _batch("codec=lz4"),
    "workloads.*.batch.max_under_way": _batch("max_under_way=2", SLOW),
    "workloads.*.batch.max_waiting": _batch("max_waiting=8", SLOW, batch="linger: 20ms, max_under_way: 2"),
    "workloads.*.batch.when_full": _batch(
        "when_full=drop", SLOW, batch="linger: 20ms, max_under_way: 2, max_waiting: 8"
    ),
    "workloads.*.batch.routing": _batch("routing=state", *NODES),
    "workloads.*.batch.refresh": change(f"{BATCH}.refresh=1s", *MOVING),
    "services.*.shards.client": change("S.shards.client=other", *NODES, "clients.other={overhead: 5ms}",
                                       f"{BATCH}={{linger: 20ms}}"),
    "services.*.shards.count": change("S.shards.count=2", *MOVING[:-1]),
    "services.*.shards.holders": change("S.shards.holders=2", *NODES, f"{BATCH}={{linger: 20ms}}"),
    "services.*.shards.relocation_rate": change("S.shards.relocation_rate=9/s", *MOVING),
    "services.*.shards.forward_time": change("S.shards.forward_time=9ms", *NODES, f"{BATCH}={{linger: 20ms}}"),
    "clients.*.ping_schedule": change("G.ping_schedule=300ms", "A={poisson: {rate: 2/s}}"),
    "clients.*.dialer.no_delay": change(
        "G.dialer.no_delay=false", "T.write_buffer_size=200B", "W.method=POST", "W.request_body={size: 300B}"
    ),
}  # fmt: skip
