"""Traefik, Kong, KrakenD and the article's gateway as entities."""

from typing import Any

from sim.lint.model import Field, Model
from sim.lint.pool import add_pool, add_route
from sim.lint.text import Path
from sim.lint.unit import duration
from sim.lint.vocabulary import (
    GATEWAY_ROUTE,
    KONG_SERVICE,
    KRAKEND_POOL,
    KRAKEND_ROUTE,
    TRAEFIK_ENTRY,
    TRAEFIK_TRANSPORT,
)

_MOST = 3_000
_SVID = {
    "svid_lifetime": Field(("svid_lifetime",), "article"), "rotation_interval": Field(("rotation_interval",), "article")
}  # fmt: skip
_DURATIONS = ("timeout", "interval", "lifetime", "backoff", "ttl", "window", "delay")


def _items(node: Any) -> list[Any]:
    return node[:_MOST] if isinstance(node, list) else []


def _named(node: Any) -> dict[str, Any]:
    return node if isinstance(node, dict) else {}


def read_traefik(model: Model) -> None:
    """Static and dynamic files, and the ServersTransport of Kubernetes."""
    tree = model.document.tree
    if isinstance(tree.get("serversTransport"), dict):
        fields = {**TRAEFIK_TRANSPORT, "max_idle_per_host": Field(("maxIdleConnsPerHost",), "count", 200)}
        add_pool(model, ("serversTransport",), fields, is_named=False)
    for name in _named(_named(tree.get("http")).get("serversTransports")):
        _transport(model, ("http", "serversTransports", name))
    if tree.get("kind") == "ServersTransport":
        _transport(model, ("spec",))
    for name, entry in _named(tree.get("entryPoints")).items():
        model.add("entries", ("entryPoints", name), TRAEFIK_ENTRY, has_http3="http3" in _named(entry))
    if isinstance(tree.get("api"), dict):
        model.add("api", ("api",), {"insecure": Field(("insecure",), "flag", False)})
    services = _named(_named(tree.get("http")).get("services"))
    for name, router in _named(_named(tree.get("http")).get("routers")).items():
        target = _named(router).get("service")
        known = isinstance(target, str) and ("@" in target or target in services)
        model.add("routers", ("http", "routers", name), {"service": Field(("service",), "text", "")},
                  is_target_known=known if services and isinstance(target, str) else None)  # fmt: skip


def _transport(model: Model, path: Path) -> None:
    add_pool(model, path, TRAEFIK_TRANSPORT, is_named=True)


def read_krakend(model: Model) -> None:
    """The service level's pool and each endpoint's timeout."""
    tree = model.document.tree
    fallback = Field(("timeout",), "go_text", duration(2_000))
    whole = model.add("whole", (), {"timeout": fallback})
    add_pool(model, (), KRAKEND_POOL)
    fields = {**KRAKEND_ROUTE, "timeout": Field(("timeout",), "go_text", whole["timeout"])}
    endpoints = _items(tree.get("endpoints"))
    secured = [_is_secured(one) for one in endpoints]
    seen: set[str] = set()
    for i, one in enumerate(endpoints):
        if isinstance(one, dict):
            key = f"{one.get('method', 'GET')} {one.get('endpoint')}"
            add_route(model, ("endpoints", i), fields, software="krakend", default_timeout="2s", is_secured=secured[i],
                      siblings_secured=sum(secured), n_routes=len(secured), is_duplicate=key in seen,
                      is_after_all=False, is_forwarded=True, weights=None, is_target_known=None, is_grpc=None,
                      is_target_http2=None, has_budget=False, grpc_timeout=False)  # fmt: skip
            seen.add(key)


def _is_secured(one: Any) -> bool:
    return any(key.startswith("auth/") for key in _named(_named(one).get("extra_config")))


def read_kong(model: Model) -> None:
    """The services of decK's format."""
    for i, one in enumerate(_items(model.document.tree.get("services"))):
        if isinstance(one, dict):
            model.add(
                "services",
                ("services", i),
                KONG_SERVICE,
                is_https=str(one.get("protocol", one.get("url", ""))).startswith("https"),
            )
    upstreams = {str(_named(one).get("name")) for one in _items(model.document.tree.get("upstreams"))}
    for i, one in enumerate(_items(model.document.tree.get("routes"))):
        name = _named(_named(one).get("service")).get("name")
        names = {str(_named(each).get("name")) for each in _items(model.document.tree.get("services"))}
        if isinstance(name, str) and names:
            model.add("routers", ("routes", i), {}, is_target_known=name in names or name in upstreams, service=name)


def read_gateway(model: Model) -> None:
    """The article's own form: a list of routes, durations as text or as {ms}."""
    tree = model.document.tree
    normalise_durations(tree)
    routes = _items(tree.get("routes"))
    secured = [bool(_named(one).get("auth")) for one in routes]
    upstreams = _named(tree.get("upstreams"))
    for name, held in tree.items():
        if isinstance(held, dict) and {"svid_lifetime", "rotation_interval"} <= set(held):
            model.add("svids", (name,), _SVID)
    seen: set[str] = set()
    catch_all = False
    for i, one in enumerate(routes):
        if not isinstance(one, dict):
            continue
        key = f"{one.get('method', '')} {one.get('path')}"
        target = one.get("upstream")
        add_route(
            model, ("routes", i), GATEWAY_ROUTE, software="gateway", default_timeout="none", is_secured=secured[i],
            siblings_secured=sum(secured), n_routes=len(secured), is_duplicate="path" in one and key in seen,
            is_after_all=catch_all, is_forwarded=True, weights=None, is_grpc=one.get("protocol") == "grpc",
            is_target_known=target in upstreams if upstreams and isinstance(target, str) else None, has_budget=False,
            is_target_http2=_speaks_http2(upstreams, target), grpc_timeout=False,
        )  # fmt: skip
        seen.add(key)
        catch_all = catch_all or str(one.get("path")) in {"/", "/*"}


def _speaks_http2(upstreams: dict[str, Any], target: Any) -> bool | None:
    protocol = _named(upstreams.get(target) if isinstance(target, str) else None).get("protocol")
    return protocol in {"h2", "http2", "h2c", "grpc"} if isinstance(protocol, str) else None


def normalise_durations(node: Any, depth: int = 0) -> None:
    """Texts such as 5s under keys that name durations become {ms, text}, as the article's checks read them."""
    from sim.lint.unit import UNITS

    for key, value in (
        list(node.items()) if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    ):
        if isinstance(value, dict | list) and depth < 60:
            normalise_durations(value, depth + 1)
        elif isinstance(key, str) and key.lower().endswith(_DURATIONS) and isinstance(value, str):
            node[key] = UNITS["go_text"].read(value) or value
