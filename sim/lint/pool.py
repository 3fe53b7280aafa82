"""Pool and route: the entities that most kinds have, with all their fields; null where a kind does not know one."""

from typing import Any

from sim.lint.model import Fields, Model
from sim.lint.text import Path

POOL: dict[str, Any] = dict.fromkeys((
    "max_idle", "max_idle_per_host", "max_per_host", "idle_cap", "idle_timeout", "response_header_timeout",
    "dial_timeout", "tls_timeout", "expect_timeout", "request_timeout", "disable_keep_alives", "force_http2",
    "insecure", "max_requests", "strict_streams", "custom_dial", "in_handler", "in_loop", "probe_after", "is_named",
    "per_worker",
))  # fmt: skip
ROUTE: dict[str, Any] = dict.fromkeys((
    "label", "timeout", "retries", "per_try_timeout", "retry_on", "retry_policy", "backoff", "max_backoff", "path",
    "prefix", "cluster", "idle_timeout", "default_timeout", "tries_ms",
))  # fmt: skip


def add_pool(model: Model, path: Path, fields: Fields, **derived: Any) -> dict[str, Any]:
    """A pool of connections of a client. `idle_cap` is how many stay idle towards one host, Go's zero resolved."""
    pool = model.add("pools", path, fields, **_others(POOL, fields, derived))
    per_host = pool["max_idle_per_host"]
    if "idle_cap" not in derived and per_host is not None:
        pool["idle_cap"] = 2 if per_host == 0 else max(per_host, 0)
        model.move("pools", "idle_cap", (*path, *fields["max_idle_per_host"].keys))
    return pool


def add_route(model: Model, path: Path, fields: Fields, **derived: Any) -> dict[str, Any]:
    """A route with its timeout and retries. `tries_ms` is what all tries with their waits may take."""
    route = model.add("routes", path, fields, **_others(ROUTE, fields, derived))
    per_try, retries = route["per_try_timeout"], route["retries"]
    if per_try is not None and retries is not None and per_try["ms"] > 0 and route["retry_policy"]:
        route["tries_ms"] = per_try["ms"] * (retries + 1)
    return route


def _others(all_of: dict[str, Any], fields: Fields, derived: dict[str, Any]) -> dict[str, Any]:
    """What no key says: null, or what the reader has derived."""
    return {name: None for name in all_of if name not in fields} | derived
