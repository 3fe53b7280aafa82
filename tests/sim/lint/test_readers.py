"""Readers: trees, places, and what hostile or broken texts get."""

import pytest

from sim.lint.document import Broken, Document
from sim.lint.kind import kind_of, read_documents
from sim.lint.text import Text


def read(text: str, kind: str = "") -> Document:
    (document,) = read_documents(Text("file", text), kind)
    assert isinstance(document, Document)
    return document


def broken(text: str, kind: str = "") -> tuple[int, int, str]:
    *_, last = read_documents(Text("file", text), kind)
    assert isinstance(last, Broken)
    return *Text("file", text).position(last.offset), last.message


def written(document: Document, *path: str | int) -> str:
    spot = document.spots[path]
    return document.text.content[spot.start : spot.end]


def test_yaml_is_read_by_the_core_schema_of_1_2() -> None:
    tree = read("routes: []\na: [yes, 012, 0x1F, 1e3, .5, ~, '1', null, -7, 1:30, True]\n").tree
    assert tree["a"] == ["yes", 12, 31, 1000.0, 0.5, None, "1", None, -7, "1:30", True]


def test_places_are_those_of_the_text() -> None:
    document = read("routes:\n- é: {timeout:  5s}\n", "gateway")
    assert written(document, "routes", 0, "é", "timeout") == "5s"
    assert document.text.position(document.spots["routes", 0, "é", "timeout"].key) == (2, 7)


def test_merged_keys_and_aliases_are_there_and_marked() -> None:
    document = read("base: &b {timeout: 5s, a: 1}\nroutes:\n- {<<: *b, a: 2}\n- *b\n", "gateway")
    assert document.tree["routes"] == [{"timeout": "5s", "a": 2}, {"timeout": "5s", "a": 1}]
    assert ("routes", 0, "timeout") in document.aliased
    assert ("routes", 1, "a") in document.aliased
    assert ("routes", 0, "a") not in document.aliased


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("a: [1, 2\nb: 3", (2, 2), ""),
        ("a: 1\na: 2\n", (2, 1), "a occurs twice"),
        ("a: *b\n", (1, 4), "the alias b has no anchor"),
        ("a:\n\t- b\n", (2, 1), "a character that cannot stand here"),
        ("{a: {[b]: c}}", (1, 6), "a list or a mapping cannot be a key"),
        ("[" * 200, (1, 101), "is nested too deeply"),
        ("a: \0", (1, 4), "is binary"),
    ],
)
def test_broken_yaml_is_one_line_at_its_place(text: str, at: tuple[int, int], said: str) -> None:
    line, column, message = broken(text)
    assert (line, column) == at
    assert message.startswith(said)


def test_documents_before_a_broken_one_are_read() -> None:
    kinds = [type(one).__name__ for one in read_documents(Text("f", "routes: []\n---\nendpoints: []\n---\na: [\n"))]
    assert kinds == ["Document", "Document", "Broken"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("static_resources: {}", "envoy"),
        ('{"@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster", "name": "a"}', "envoy"),
        ("resources: [{'@type': type.googleapis.com/envoy.config.listener.v3.Listener}]", "envoy"),
        ("apiVersion: networking.istio.io/v1beta1\nkind: VirtualService", "istio"),
        ("apiVersion: apps/v1\nkind: Deployment", ""),
        ("http: {routers: {}}", "traefik"),
        ("entryPoints: {}\nproviders: {}", "traefik"),
        ("_format_version: '3.0'", "kong"),
        ('{"version": 3, "endpoints": []}', "krakend"),
        ("workloads: {}\nservices: {}\nclients: {}", "scenario"),
        ("routes: []", "gateway"),
        ("name: x\non: push", ""),
        ("upstream a {\n  server b;\n}\n", "nginx"),
        ("worker_processes auto;\nevents { worker_connections 1024; }\n", "nginx"),
        ("net.ipv4.tcp_tw_reuse = 1\n", "sysctl"),
        ("# comment\nnet/ipv4/tcp_tw_reuse=1\n", "sysctl"),
        ("// doc\npackage main\n\nfunc main() {}\n", "go"),
        ("/* a\n*/\npackage main // x\n", "go"),
    ],
)
def test_a_kind_is_recognised_by_content(text: str, kind: str) -> None:
    assert read(text).kind == kind


def test_a_tree_that_is_no_mapping_is_of_no_kind() -> None:
    assert kind_of([1]) == kind_of("a") == kind_of(None) == ""


def test_a_kind_that_is_said_overrides_the_content() -> None:
    assert read("foo: 1", "envoy").kind == "envoy"


def test_sysctl_knows_numbers_lists_and_slashes() -> None:
    document = read("net.ipv4.ip_local_port_range =\t32768\t60999\nnet/core/somaxconn=9\n-a.b = x y\n; c\n")
    assert document.tree == {"net.ipv4.ip_local_port_range": [32768, 60999], "net.core.somaxconn": 9, "a.b": "x y"}
    assert written(document, "net.ipv4.ip_local_port_range") == "32768\t60999"


def test_sysctl_that_is_none_has_a_line() -> None:
    assert broken("a.b = 1\nc.d = 2\nwhat\n")[0] == 3


def test_nginx_has_columns() -> None:
    document = read("http {\n  upstream app { # keepalive 9\n    keepalive 32;\n  }\n}\n")
    at = ("http", 0, "block", "upstream", 0, "block", "keepalive", 0)
    assert document.at(at) == {"args": ["32"]}
    assert document.text.position(document.spots[*at, "args", 0].start) == (3, 15)


def test_nginx_that_is_broken_has_its_line() -> None:
    line, _, message = broken("upstream a {\n  keepalive;\n}\n")
    assert line == 2
    assert message == 'invalid number of arguments in "keepalive" directive'


GO = """\
package main

import (
	tls "crypto/tls"
	"net"
	nh "net/http"
	"time"
)

const wait = 5 * time.Second

var unknown = &nh.Transport{IdleConnTimeout: config.Idle, MaxIdleConns: limit()}

// not ours: foo.Transport{}
func handler(w nh.ResponseWriter, r *nh.Request) {
	é := &nh.Client{Timeout: (2 * wait) / 4, Transport: &nh.Transport{
		DialContext: (&net.Dialer{Timeout: 1500 * time.Millisecond, KeepAlive: -1}).DialContext,
		MaxIdleConns: 1_000, IdleConnTimeout: 0x1F, DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10},
	}}
}
"""


def test_go_literals_are_evaluated_as_far_as_constants_go() -> None:
    document = read(GO)
    by_type = {one["type"]: one for one in document.tree["literals"]}
    assert [one["type"] for one in document.tree["literals"]] == [
        "http.Transport", "http.Client", "http.Transport", "net.Dialer", "tls.Config"
    ]  # fmt: skip
    assert document.tree["literals"][0]["fields"] == {"IdleConnTimeout": None, "MaxIdleConns": None}
    assert by_type["http.Client"]["fields"]["Timeout"] == 2_500_000_000
    fields = document.tree["literals"][2]["fields"]
    assert (fields["MaxIdleConns"], fields["IdleConnTimeout"], fields["DisableKeepAlives"]) == (1000, 31, True)
    assert by_type["net.Dialer"]["fields"] == {"Timeout": 1_500_000_000, "KeepAlive": -1}
    assert by_type["tls.Config"]["fields"]["MinVersion"] == "VersionTLS10"
    assert document.tree["literals"][2]["in_handler"]
    assert not document.tree["literals"][0]["in_handler"]


def test_go_places_count_characters_not_bytes() -> None:
    assert written(read(GO), "literals", 2, "fields", "MaxIdleConns") == "1_000"


def test_a_field_that_is_assigned_later_is_not_known() -> None:
    document = read('package p\nimport "net/http"\nfunc f() {\n\tt := &http.Transport{}\n\tt.MaxIdleConns = 5\n}\n')
    assert document.tree["literals"][0]["assigned"] == ["MaxIdleConns"]


def test_go_that_is_broken_is_read_as_far_as_it_goes() -> None:
    document = read('package p\nimport "net/http"\nvar t = &http.Transport{MaxIdleConns: 5}\nfunc f( {\n')
    assert document.tree["literals"][0]["fields"] == {"MaxIdleConns": 5}
