"""Guarded: small worlds in which a client protects its calls, and what they recorded, times in ms."""

from typing import Any

import polars as pl

from sim.wiring import Run, load_tree, run

QUIET = {"overhead": "0s", "close_race": 0, "kernel": {"connect_scan_cost": "0s"},
         "transport": {"max_idle_conns": 0, "max_idle_conns_per_host": 1000}}  # fmt: skip


def a_world(
    *, client: dict[str, Any], service: dict[str, Any], workload: dict[str, Any] | None = None, **more: Any
) -> Run:
    """One client with these keys, one service, and one call at 0 unless told otherwise."""
    asked = {"client": "c", "service": "s", "arrivals": {"constant": {"rate": "1/s"}}} | (workload or {})
    return run(load_tree({
        "duration": "1s", "tail": "10s", "network": {"rtt": "0s"},
        "clients": {"c": QUIET | client} | more.pop("clients", {}),
        "services": {"s": {"resolve": "literal", "overhead": "0s", **service}} | more.pop("services", {}),
        "workloads": {"w": asked}, **more,
    }))  # fmt: skip


def calls(done: Run) -> list[dict[str, Any]]:
    """The rows of calls, by arrival."""
    return in_ms(done.tables["calls"].sort("t_arrival"))


def requests(done: Run, table: str = "requests") -> list[dict[str, Any]]:
    """The rows of requests, by the instant at which they were sent."""
    return in_ms(done.tables[table].sort("t_getconn", "id"))


def in_ms(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Whole milliseconds."""
    times = [name for name, kind in rows.schema.items() if kind == pl.Float64]
    return rows.with_columns((pl.col(name) * 1000).round(3) for name in times).to_dicts()
