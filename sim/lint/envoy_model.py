"""Envoy's bootstrap and xDS resources as entities: clusters, routes, listeners, filters, the admin interface."""

from collections.abc import Iterator
from typing import Any

from sim.lint.model import Field, Model
from sim.lint.pool import add_pool, add_route
from sim.lint.text import Path
from sim.lint.vocabulary import ENVOY_CLUSTER, ENVOY_ROUTE

_MOST = 3_000
_ADMIN = {"address": Field(("address", "socket_address", "address"), "text", "")}
_POOL = {"idle_timeout": ENVOY_CLUSTER["idle_timeout"], "max_requests": ENVOY_CLUSTER["max_requests"],
         "dial_timeout": ENVOY_CLUSTER["connect_timeout"]}  # fmt: skip


def read_envoy(model: Model) -> None:
    """Everything of a bootstrap, a list of resources or one resource."""
    tree = model.document.tree
    if isinstance(tree.get("admin"), dict):
        model.add("admin", ("admin",), _ADMIN)
    clusters: set[str] = set()
    for path, node in _mappings(tree, ()):
        if _is_cluster(path, node):
            clusters.add(str(node.get("name", "")))
            _cluster(model, path, node)
    has_all = isinstance(tree.get("static_resources"), dict) and "dynamic_resources" not in tree
    grpc = {one["label"] for one in model.tree.get("clusters", []) if one["speaks_http2"]}
    for path, node in _mappings(tree, ()):
        if isinstance(node.get("virtual_hosts"), list):
            _routes(model, path, node, known=(clusters if has_all else None, grpc))
        if "local_ratelimit" in str(node.get("name", "")) or "LocalRateLimit" in str(node.get("@type", "")):
            _local_rate_limit(model, path, node)
        if "HttpConnectionManager" in str(node.get("@type", "")):
            model.add("managers", path, {
                "stream_idle_timeout": Field(("stream_idle_timeout",), "proto", {"ms": 300_000.0, "text": "300s"}),
                "access_log": Field(("access_log",), "any", False),
            }, has_log=bool(node.get("access_log")))  # fmt: skip


def _mappings(node: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every mapping of a tree, outer ones first."""
    stack: list[tuple[Path, Any]] = [(path, node)]
    while stack:
        at, one = stack.pop()
        if isinstance(one, dict):
            yield at, one
            stack.extend(
                reversed([((*at, key), value) for key, value in one.items() if isinstance(value, dict | list)])
            )
        elif isinstance(one, list):
            stack.extend(reversed([((*at, i), value) for i, value in enumerate(one) if isinstance(value, dict | list)]))


def _is_cluster(path: Path, node: dict[str, Any]) -> bool:
    if str(node.get("@type", "")).endswith("config.cluster.v3.Cluster"):
        return True
    return len(path) >= 2 and path[-2] == "clusters" and path[0] == "static_resources" and "name" in node


def _cluster(model: Model, path: Path, node: dict[str, Any]) -> None:
    options = node.get("typed_extension_protocol_options")
    found = options.get(_key(options)) if isinstance(options, dict) else None
    http: dict[str, Any] = found if isinstance(found, dict) else {}
    explicit = http.get("explicit_http_config")
    speaks_http2 = "http2_protocol_options" in node or (
        isinstance(explicit, dict) and "http2_protocol_options" in explicit
    )
    speaks_http2 = speaks_http2 or "auto_config" in http or "use_downstream_protocol_config" in http
    tls = _tls(node)
    hosts = _hosts(node)
    detection = node.get("outlier_detection")
    thresholds = _below(node, "circuit_breakers", "thresholds")
    has_budget = isinstance(thresholds, list) and any(
        isinstance(one, dict) and "retry_budget" in one for one in thresholds
    )
    entity = model.add(
        "clusters", path, ENVOY_CLUSTER, software="envoy", hosts=hosts, speaks_http2=speaks_http2,
        has_tls=tls is not None, has_ejection=isinstance(detection, dict), has_budget=has_budget,
        is_unlimited=False, **_verifies(tls),
    )  # fmt: skip
    # what modern clusters write into their HttpProtocolOptions counts before the old place
    common = http.get("common_http_protocol_options")
    place = (*path, "typed_extension_protocol_options", _key(options), "common_http_protocol_options")
    pool = add_pool(model, path, _POOL, label=entity["label"])
    for name, key in (("idle_timeout", "idle_timeout"), ("max_requests", "max_requests_per_connection")):
        if isinstance(common, dict) and key in common:
            from sim.lint.unit import UNITS

            value = UNITS[ENVOY_CLUSTER[name].unit].read(common[key])
            entity[name] = pool[name] = value
            model.move("pools", name, (*place, key))


def _key(options: Any) -> str:
    return (
        next((str(key) for key in options if "HttpProtocolOptions" in str(key)), "")
        if isinstance(options, dict)
        else ""
    )


def _below(node: Any, *keys: str) -> Any:
    for key in keys:
        node = node.get(key) if isinstance(node, dict) else None
    return node


def _tls(node: dict[str, Any]) -> dict[str, Any] | None:
    config = _below(node, "transport_socket", "typed_config")
    return config if isinstance(config, dict) and "UpstreamTlsContext" in str(config.get("@type", "")) else None


def _verifies(tls: dict[str, Any] | None) -> dict[str, Any]:
    """Whether the peer's certificate is verified, and its name; secrets that come by SDS are not known."""
    common = _below(tls, "common_tls_context")
    if not isinstance(common, dict):
        return {"verifies": None if tls is None else False, "checks_name": None, "min_tls": None}
    by_sds = any("sds" in key for key in common) or "combined_validation_context" in common
    validation = common.get("validation_context")
    trusted = isinstance(validation, dict) and bool(
        {"trusted_ca", "verify_certificate_hash", "verify_certificate_spki", "system_root_certs",
         "custom_validator_config", "ca_certificate_provider_instance"} & set(validation)
    )  # fmt: skip
    names = isinstance(validation, dict) and bool(
        {"match_typed_subject_alt_names", "match_subject_alt_names", "verify_certificate_hash",
         "verify_certificate_spki", "custom_validator_config"} & set(validation)
    )  # fmt: skip
    version = _below(common, "tls_params", "tls_minimum_protocol_version")
    auto = bool((tls or {}).get("auto_sni_san_validation"))
    return {
        "verifies": None if by_sds else trusted,
        "checks_name": None if by_sds or not trusted else names or auto,
        "min_tls": str(version) if version else "TLSv1_2",
    }  # fmt: skip


def _hosts(node: dict[str, Any]) -> int | None:
    """The hosts of a cluster that lists them; None of one that asks a name or a server for them."""
    if str(node.get("type", "STATIC")).upper() != "STATIC":
        return None
    localities = _below(node, "load_assignment", "endpoints")
    if not isinstance(localities, list):
        return None
    counts = [len(one["lb_endpoints"]) for one in localities
              if isinstance(one, dict) and isinstance(one.get("lb_endpoints"), list)]  # fmt: skip
    return sum(counts) or None


def _routes(model: Model, path: Path, node: dict[str, Any], *, known: tuple[set[str] | None, set[str]]) -> None:
    clusters, http2 = known
    for h, host in enumerate(node["virtual_hosts"][:_MOST]):
        routes = host.get("routes") if isinstance(host, dict) else None
        seen: dict[str, int] = {}
        catch_all = False
        for i, route in enumerate(routes[:_MOST] if isinstance(routes, list) else ()):
            if not isinstance(route, dict):
                continue
            at = (*path, "virtual_hosts", h, "routes", i)
            match = str(route.get("match"))
            action = route.get("route")
            target = action.get("cluster") if isinstance(action, dict) else None
            add_route(
                model, at, ENVOY_ROUTE, software="envoy", default_timeout="15s", is_forwarded=isinstance(action, dict),
                is_after_all=catch_all, is_duplicate=match in seen,
                is_target_known=None if clusters is None or not isinstance(target, str) else target in clusters,
                is_grpc=isinstance(_below(route, "match", "grpc"), dict),
                is_target_http2=None if clusters is None or not isinstance(target, str) else target in http2,
                weights=_weights(action), grpc_timeout=isinstance(action, dict) and "max_stream_duration" in action,
                has_budget=any(one["has_budget"] for one in model.tree.get("clusters", []) if one["label"] == target),
            )  # fmt: skip
            seen.setdefault(match, i)
            catch_all = catch_all or route.get("match") == {"prefix": "/"}


def _weights(action: Any) -> Any:
    listed = _below(action, "weighted_clusters", "clusters")
    if not isinstance(listed, list):
        return None
    weights = [one.get("weight") for one in listed if isinstance(one, dict)]
    whole = [one for one in weights if isinstance(one, int)]
    return sum(whole) if len(whole) == len(listed) and len(whole) > 1 else None


def _local_rate_limit(model: Model, path: Path, node: dict[str, Any]) -> None:
    if not isinstance(node.get("token_bucket"), dict):
        return
    fields = {
        "max_tokens": Field(("token_bucket", "max_tokens"), "count", 0),
        "tokens_per_fill": Field(("token_bucket", "tokens_per_fill"), "count", 1),
        "fill_interval": Field(("token_bucket", "fill_interval"), "proto", None),
        "enabled": Field(("filter_enabled", "default_value", "numerator"), "count", 0),
        "enforced": Field(("filter_enforced", "default_value", "numerator"), "count", 0),
    }  # fmt: skip
    model.add("rate_limits", path, fields, is_http="filters.http" in str(node.get("@type", "")))
