"""Istio's DestinationRule, VirtualService and PeerAuthentication as entities."""

from typing import Any

from sim.lint.model import Field, Model
from sim.lint.pool import add_pool, add_route
from sim.lint.text import Path
from sim.lint.vocabulary import ISTIO_POOL, ISTIO_ROUTE, UNLIMITED

_MOST = 3_000


def read_istio(model: Model) -> None:
    """One resource; its kind says which."""
    tree = model.document.tree
    spec = tree.get("spec")
    if not isinstance(spec, dict):
        return
    match tree.get("kind"):
        case "DestinationRule":
            _destination(model, ("spec", "trafficPolicy"), spec.get("trafficPolicy"))
            for i, subset in enumerate(spec["subsets"] if isinstance(spec.get("subsets"), list) else ()):
                if isinstance(subset, dict) and "trafficPolicy" in subset:
                    _destination(model, ("spec", "subsets", i, "trafficPolicy"), subset["trafficPolicy"])
        case "VirtualService":
            _virtual(model, spec)
        case "PeerAuthentication":
            model.add("peers", ("spec",), {"mode": Field(("mtls", "mode"), "text", "")})


def _destination(model: Model, path: Path, policy: Any) -> None:
    if not isinstance(policy, dict):
        return
    detection = policy.get("outlierDetection")
    pool = policy.get("connectionPool")
    entity = model.add(
        "clusters", path, ISTIO_POOL, software="istio", hosts=None, has_ejection=isinstance(detection, dict),
        always_eject_one=False, enforcing_5xx=100, enforcing_gateway=100, has_budget=False, has_tls=None, verifies=None,
        checks_name=None, min_tls=None, speaks_http2=None, label=str(path[-1]), enforcing_success=0, minimum_hosts=5,
        panic=None,
    )  # fmt: skip
    caps = ("max_connections", "max_pending", "max_concurrent")
    entity["is_unlimited"] = isinstance(pool, dict) and all(entity[name] == UNLIMITED for name in caps)
    if isinstance(pool, dict):
        names = {name: ISTIO_POOL[name] for name in ("idle_timeout", "max_requests", "dial_timeout")}
        add_pool(model, path, names, insecure=bool(entity["skip_verify"]))


def _virtual(model: Model, spec: dict[str, Any]) -> None:
    seen: set[str] = set()
    catch_all = False
    for i, route in enumerate(spec["http"][:_MOST] if isinstance(spec.get("http"), list) else ()):
        if not isinstance(route, dict):
            continue
        match = route.get("match")
        forwarded = isinstance(route.get("route"), list)
        add_route(
            model, ("spec", "http", i), ISTIO_ROUTE, software="istio", default_timeout="none", is_forwarded=forwarded,
            is_after_all=catch_all, is_duplicate=str(match) in seen if match else False, is_target_known=None,
            is_grpc=None, is_target_http2=None, weights=_weights(route.get("route")), has_budget=False,
            grpc_timeout=False,
        )  # fmt: skip
        seen.add(str(match))
        catch_all = catch_all or not match or match == [{"uri": {"prefix": "/"}}]


def _weights(listed: Any) -> int | None:
    if not isinstance(listed, list) or len(listed) < 2:
        return None
    weights = [one.get("weight") if isinstance(one, dict) else None for one in listed]
    whole = [one for one in weights if isinstance(one, int)]
    return sum(whole) if len(whole) == len(listed) else None
