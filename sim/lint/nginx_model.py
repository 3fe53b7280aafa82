"""nginx's blocks as entities: upstreams, locations that forward, what holds for the whole."""

from collections.abc import Iterator
from typing import Any

from sim.lint.model import Model
from sim.lint.pool import add_pool
from sim.lint.text import Path
from sim.lint.unit import UNITS
from sim.lint.vocabulary import NGINX_LOCATION, NGINX_UPSTREAM

_POOL = {"idle_timeout": NGINX_UPSTREAM["idle_timeout"], "max_requests": NGINX_UPSTREAM["keepalive_requests"]}


def read_nginx_blocks(model: Model) -> None:
    """Upstreams first, so that locations know theirs."""
    blocks = list(_blocks(model.document.tree, (), {}))
    upstreams: dict[str, int] = {}
    for path, block, _, name in blocks:
        if name == "upstream":
            _upstream(model, path, block, upstreams)
    for path, block, held, name in blocks:
        if name in {"location", "server", "if"} and "proxy_pass" in block:
            _location(model, path, block, held=held, upstreams=upstreams)
    for path, block, held, name in blocks:
        if name == "http" or (name == "" and "server" in block):
            formats = [" ".join(one["args"]) for one in block.get("log_format", ())]
            model.add("whole", path, {}, formats=formats, has_format=bool(formats),
                      logs_upstream_time=any("upstream_response_time" in one for one in formats))  # fmt: skip
        protocols = held.get("ssl_protocols")
        if protocols and "ssl_protocols" in block:
            old = [one for one in protocols[0]["args"] if one in {"SSLv2", "SSLv3", "TLSv1", "TLSv1.1"}]
            model.add("tls", path, {}, min_version=old[0] if old else "TLSv1.2", insecure=None, is_old=bool(old))
            model.move("tls", "min_version", (*path, "ssl_protocols", 0))
        if name == "server":
            listens = " ".join(word for one in block.get("listen", ()) for word in one["args"]).split()
            headers = " ".join(word for one in held.get("add_header", ()) for word in one["args"])
            if "quic" in listens:
                model.add("quic", path, {}, has_alt_svc="alt-svc" in headers.lower() or _tells(block))
                model.move("quic", "has_alt_svc", (*path, "listen", 0))


def _tells(block: dict[str, Any]) -> bool:
    """Whether a location of a server sends Alt-Svc."""
    return any(
        "alt-svc" in str(one.get("block", {}).get("add_header", "")).lower() for one in block.get("location", ())
    )


def _blocks(
    tree: dict[str, Any], path: Path, outer: dict[str, Any], name: str = ""
) -> Iterator[tuple[Path, dict[str, Any], dict[str, Any], str]]:
    """Every block with what it inherits; a directive of its own replaces the outer ones (ngx_conf_merge_ptr_value)."""
    held = {**outer, **tree}
    yield path, tree, held, name
    for key, listed in tree.items():
        for i, one in enumerate(listed):
            if isinstance(one.get("block"), dict):
                yield from _blocks(one["block"], (*path, key, i, "block"), held, key)


def _upstream(model: Model, path: Path, block: dict[str, Any], upstreams: dict[str, int]) -> None:
    words = model.document.at((*path[:-1], "args"))
    name = words[0] if words else ""
    servers = [one["args"] for one in block.get("server", ()) if one["args"]]
    upstream = model.add(
        "upstreams", path, NGINX_UPSTREAM, label=name, hosts=len(servers), users=0, has_keepalive="keepalive" in block
    )
    upstreams[name] = len(model.tree["upstreams"]) - 1
    if upstream["has_keepalive"]:
        add_pool(model, path, _POOL, label=name, idle_cap=upstream["keepalive"], per_worker=True)
        model.move("pools", "idle_cap", (*path, "keepalive", 0))


def _location(
    model: Model, path: Path, block: dict[str, Any], *, held: dict[str, Any], upstreams: dict[str, int]
) -> None:
    target = str(block["proxy_pass"][0]["args"][0]) if block["proxy_pass"][0]["args"] else ""
    scheme, _, rest = target.partition("://")
    name = rest.partition("/")[0]
    number = upstreams.get(name)
    keeps = number is not None and bool(model.tree["upstreams"][number]["has_keepalive"])
    if number is not None:
        model.tree["upstreams"][number]["users"] += 1
    version = held["proxy_http_version"][0]["args"][0] if _has_args(held, "proxy_http_version") else ""
    headers = {
        one["args"][0].lower(): one["args"][1] for one in held.get("proxy_set_header", ()) if len(one["args"]) > 1
    }
    location = model.add(
        "locations", path, NGINX_LOCATION, scheme=scheme, upstream=name, upstream_keeps=keeps, http_version=version,
        connection=headers.get("connection", "close"), upgrades="upgrade" in headers,
        methods=[word for one in held.get("proxy_next_upstream", ()) for word in one["args"]],
    )  # fmt: skip
    location["is_reused"] = version == "1.1" and location["connection"] != "close"
    for name, key, unit in (
        ("ssl_verify", "proxy_ssl_verify", "on_off"),
        ("read_timeout", "proxy_read_timeout", "nginx"),
    ):
        if key in held and _has_args(held, key):
            location[name] = UNITS[unit].read(held[key][0]["args"][0])


def _has_args(held: dict[str, Any], key: str) -> bool:
    return bool(held.get(key) and held[key][0]["args"])
