"""Computed: what arithmetic says of a pool under a load, by the functions that the simulator and its theory use."""

from functools import lru_cache
from math import floor, sqrt
from typing import Any

from sim.lint.facts import Facts
from sim.lint.model import Model

_MOST_STATES = 1_500
"""Of the chain of `fresh_share`: a tenth of a second; beyond, the load is scaled down (see `dial_share`)."""
_DEFAULT_RANGE = (32768, 60999)


def compute(model: Model, facts: Facts) -> None:
    """Give each pool `computed`, null without a rate and a latency."""
    rate, latency = facts.load.get("rate"), facts.load.get("latency_ms")
    for pool in model.tree.get("pools", []):
        pool["computed"] = None
        if rate and latency and facts.port_wall is not None:
            hosts = max(facts.load.get("hosts", 1.0), 1.0)
            pool["computed"] = _of_pool(pool, rate / hosts, latency / 1000, facts=facts)
    if model.document.kind == "scenario" and facts.scenario is not None:
        for remark in facts.scenario(model.document.tree):
            model.add(remark.entity, remark.path, {}, **remark.said)
    for kernel in model.tree.get("kernel", []):
        low, high = kernel["low"], kernel["high"]
        is_range = isinstance(low, int) and isinstance(high, int) and 0 < low < high < 65536
        kernel["wall"] = facts.port_wall(low, high) if is_range and facts.port_wall is not None else None


def _of_pool(pool: dict[str, Any], rate: float, latency: float, *, facts: Facts) -> dict[str, Any]:
    """What goes to one destination."""
    low, high = facts.world.get("ip_local_port_range", _DEFAULT_RANGE)
    assert facts.port_wall is not None
    concurrency = rate * latency
    share = _share(pool, concurrency, facts)
    sources = max(facts.load.get("sources", 1.0), 1.0)
    wall, ports = facts.port_wall(low, high) * sources, (high - low + 1) * sources
    dials = None if share is None else rate * share
    per_host = pool["max_per_host"]
    return {
        "rate": rate,
        "concurrency": concurrency,
        "idle_needed": concurrency + 3 * sqrt(concurrency),
        "dial_share": share,
        "dial_percent": None if share is None else share * 100,
        "dials_per_s": dials,
        "ports": ports,
        "wall": wall,
        "exhausted_after_s": ports / dials if dials and dials > wall else None,
        "capacity": per_host / latency if per_host and per_host > 0 else None,
    }


def _share(pool: dict[str, Any], concurrency: float, facts: Facts) -> float | None:
    """The share of requests that dial; HTTP/2 and limits of requests aside."""
    if pool["disable_keep_alives"] or pool["max_requests"] == 1:
        return 1.0
    cap = pool["idle_cap"]
    if cap is None:
        return None
    if pool["per_worker"]:
        workers = max(facts.load.get("workers", 1.0), 1.0)
        concurrency = concurrency / workers
    total, hosts = pool["max_idle"], max(facts.load.get("hosts", 1.0), 1.0)
    if total:
        cap = min(cap, max(int(total / hosts), 0)) if total > 0 else 0
    recycled = 1 / pool["max_requests"] if pool["max_requests"] else 0.0
    return max(dial_share(concurrency, cap), recycled)


@lru_cache(maxsize=1000)
def dial_share(load: float, cap: int) -> float:
    """Share of requests that find no idle connection, by `sim.analysis.idle_servers.fresh_share`: a lower bound.

    Notes
    -----
    A dial takes no time here. Where it takes some, Go dials more: what comes back meanwhile serves the request, and the
    new connection may find the idle list full. `sim lint --simulate` shows by how much.
    The chain has about load x cap states. Where these are too many, a smaller system stands for it: the number of busy
    ones is Poisson, whose spread is the root of its mean, so the share goes with one over that root at an equal
    (cap + 1) / root(load). Against the whole chain this is right to a tenth where the share matters.
    """
    from sim.analysis.idle_servers import fresh_share

    scale = 1.0
    while (load + 12 * sqrt(load) + 13) * ((cap + 1) / scale + 1) > _MOST_STATES and load > 4:
        load, scale = load / 2, scale * sqrt(2)
    if load <= 0:
        return 0.0
    if scale == 1.0:
        return fresh_share(load, cap)
    small = (cap + 1) / scale - 1
    low = max(floor(small), 0)
    below, above = fresh_share(load, low), fresh_share(load, low + 1)
    if below <= 0 or above <= 0:
        return below / scale
    return float(below ** (low + 1 - small) * above ** (small - low)) / scale
