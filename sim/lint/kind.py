"""Kind: what a configuration is for, recognised by its content alone."""

import re
from collections.abc import Iterator
from typing import Any

from sim.lint.document import Broken, Document
from sim.lint.go_text import is_go, read_go
from sim.lint.nginx_text import is_nginx, read_nginx
from sim.lint.sysctl_text import is_sysctl, read_sysctl
from sim.lint.text import MOST_CHARACTERS, Text
from sim.lint.yaml_text import read_yaml

KINDS = ("envoy", "gateway", "go", "istio", "kong", "krakend", "nginx", "scenario", "sysctl", "traefik")
"""What rules may be for."""
_READERS = {"go": read_go, "nginx": read_nginx, "sysctl": read_sysctl}
_ENVOY_KEYS = {"static_resources", "dynamic_resources", "layered_runtime", "staticResources", "dynamicResources"}
_TRAEFIK_STATIC = {"entryPoints", "serversTransport", "providers", "api", "certificatesResolvers", "accessLog"}


def read_documents(text: Text, as_kind: str = "") -> Iterator[Document | Broken]:
    """The documents of a text, each with its kind; empty where nobody recognises it.

    Parameters
    ----------
    as_kind : what all of it is, whatever it looks like.
    """
    if len(text.content) > MOST_CHARACTERS:
        yield Broken(0, f"has {len(text.content):,} characters; {MOST_CHARACTERS:,} are read")
        return
    if "\0" in text.content:
        yield Broken(text.content.index("\0"), "is binary; a configuration is text")
        return
    kind = as_kind or _by_text(text.content)
    if kind in _READERS:
        yield from _READERS[kind](text)
        return
    for document in read_yaml(text):
        if isinstance(document, Document):
            document.kind = as_kind or kind_of(document.tree)
            if document.kind and not isinstance(document.tree, dict):
                yield Broken(document.spot(()).start, f"is no mapping, which {document.kind} needs")
                continue
        yield document


def _by_text(content: str) -> str:
    start = content.lstrip()[:1]
    if start in {"{", "["} or re.match(r"\s*---", content):
        return ""
    for kind, test in (("go", is_go), ("sysctl", is_sysctl), ("nginx", is_nginx)):
        if test(content):
            return kind
    return ""


def kind_of(tree: Any) -> str:
    """What a tree of YAML or JSON is; empty where it is none of ours."""
    if not isinstance(tree, dict):
        return ""
    version = str(tree.get("apiVersion", ""))
    if version:
        group = version.partition("/")[0]
        if group in {"networking.istio.io", "security.istio.io"}:
            return "istio"
        return "traefik" if group in {"traefik.io", "traefik.containo.us"} else ""
    if _ENVOY_KEYS & set(tree) or _is_xds(tree):
        return "envoy"
    if "_format_version" in tree:
        return "kong"
    if isinstance(tree.get("endpoints"), list) and ("version" in tree or "krakend" in str(tree.get("$schema", ""))):
        return "krakend"
    if isinstance(tree.get("workloads"), dict) and isinstance(tree.get("services"), dict):
        return "scenario"
    if _is_traefik(tree):
        return "traefik"
    return "gateway" if isinstance(tree.get("routes"), list) else ""


def _is_xds(tree: dict[str, Any]) -> bool:
    listed = tree.get("resources")
    items = [tree, *(listed if isinstance(listed, list) else [])]
    return any(isinstance(item, dict) and "/envoy." in str(item.get("@type", "")) for item in items)


def _is_traefik(tree: dict[str, Any]) -> bool:
    http = tree.get("http")
    dynamic = isinstance(http, dict) and {"routers", "services", "serversTransports", "middlewares"} & set(http)
    return bool(dynamic) or len(_TRAEFIK_STATIC & set(tree)) >= 2 or "serversTransport" in tree
