"""Hostile texts and random ones: never a traceback, never long. Sizes and times of whole megabytes are in the guide."""

import json
from random import Random
from time import process_time
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sim import advice
from sim.lint.batch import fixed
from sim.lint.check import Linter
from sim.lint.kind import KINDS
from sim.lint.rule import BUILT_IN, read_rules
from sim.lint.text import Text

LOAD = {"rate": 1600.0, "latency_ms": 20.0, "hosts": 2.0, "server_idle_ms": 6e4, "nat_idle_ms": 3e5, "nat_ports": 1e3,
        "caller_tries": 3.0, "caller_timeout_ms": 4e3, "workers": 4.0, "backends": 3.0}  # fmt: skip
LINTER = Linter(read_rules(BUILT_IN), advice.lint_facts(LOAD))
N = 400_000

HOSTILE = {
    "open brackets": "routes: " + "[" * N,
    "open braces": "{a: " * (N // 4),
    "dashes": "- " * (N // 2),
    "bomb": "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12)),
    "bomb of merges": "a0: &a0 {a: 1}\n"
    + "".join(f"a{i}: &a{i} {{x: {{<<: *a{i - 1}}}, y: {{<<: *a{i - 1}}}}}\n" for i in range(1, 40)),
    "an alias of itself": "a: &a [*a]\nroutes: []\n",
    "a huge number": "routes: [{timeout: " + "9" * N + "s}]",
    "empty lines": "\n" * N,
    "suppressions": "# sim-lint: ignore A -- b\n" * (N // 26),
    "a suppression of many": "# sim-lint: ignore " + "a," * (N // 2),
    "quote": "server { listen 80; }\n" + '"' * N,
    "deep blocks": "upstream a {" * (N // 12),
    "a long location": "location / {\nproxy_pass a;}\n" + "location x" * (N // 10),
    "parentheses": "package p\n" + "(" * N,
    "a long sum": 'package p\nimport "net/http"\nvar t = http.Transport{MaxIdleConns: ' + "1+" * (N // 2) + "1}",
    "clients in clients": 'package p\nimport "net/http"\nvar t = ' + "http.Client{Transport: &" * (N // 24),
    "numbers": "net.ipv4.ip_local_port_range = " + "1 " * (N // 2),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_ends_soon_and_without_a_traceback(text: str) -> None:
    began = process_time()
    judged = LINTER.lint(Text("hostile", text))
    assert process_time() - began < 2.0
    assert judged.troubles == {}


WORDS = st.sampled_from(
    ["routes", "timeout", "retries", "attempts", "path", "static_resources", "clusters", "virtual_hosts", "route",
     "match", "outlier_detection", "spec", "http", "kind", "VirtualService", "DestinationRule", "trafficPolicy",
     "endpoints",     "clients", "transport", "services", "workloads", "serversTransports", "idle_timeout", "name",
     "upstream", "weight",
     "token_bucket", "load_assignment", "entryPoints", "connectionPool", "mtls", "apiVersion", "@type", "typed_config"]
)  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=8), WORDS,
    st.sampled_from(["5s", "0s", "1.5s", "-1s", "9" * 30 + "s", "networking.istio.io/v1"]),
)  # fmt: skip
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(WORDS, inner, max_size=6)),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(TREES, st.sampled_from(KINDS))
@example({"http": {"serversTransports": {"a": None}}}, "traefik")
@example({"routes": [{"timeout": {"ms": float("nan")}}]}, "gateway")
def test_any_tree_as_any_kind_is_judged(tree: object, kind: str) -> None:
    text = json.dumps(tree)
    judged = LINTER.lint(Text("random", text), kind)
    assert judged.troubles == {}
    assert all(one.line >= 1 and one.column >= 1 for one in judged.findings)


EXAMPLES = [
    (example.kind, example.text)
    for rule in LINTER.rules
    for example in (*rule.bad, *rule.good)
    if example.kind not in {"go", "nginx", "sysctl"}
]


def _paths(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(one for key, value in inner for one in _paths(value, (*path, key)))]


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(EXAMPLES), st.randoms(use_true_random=False), TREES)
def test_an_example_with_anything_in_the_place_of_a_value_is_judged(
    given_: tuple[str, str], random: Random, other: object
) -> None:
    kind, text = given_
    tree = yaml.safe_load(text)
    *before, last = random.choice(_paths(tree)[1:])
    node = tree
    for step in before:
        node = node[step]
    node[last] = other
    judged = LINTER.lint(Text("mutated", json.dumps(tree)), kind)
    assert judged.troubles == {}


PIECES = st.sampled_from(
    ["upstream a {", "server {", "location / {", "}", "keepalive 4;", "proxy_pass http://a;", "proxy_set_header", '"',
     "'", ";", "#", "\n", "package p\n", 'import "net/http"\n', "var t = ", "http.Transport{", "MaxIdleConns:", "&",
     "1", ",", "time.Second", "* ", "net.ipv4.tcp_tw_reuse", "=", " ", "9999999999999999999999", "${", "\\", "é",
     "\u2028",
     "- ", ": ", "*a", "&a ", "<<", "|", "? ", "\t", "[", "]", "{"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join), st.sampled_from(["", *KINDS]))
def test_any_text_as_any_kind_is_judged_and_fixed(text: str, kind: str) -> None:
    judged = LINTER.lint(Text("random", text), kind)
    assert judged.troubles == {}
    once, _ = fixed(LINTER, Text("random", text), kind)
    assert fixed(LINTER, Text("random", once), kind)[0] == once
