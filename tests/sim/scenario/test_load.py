"""What a user may write wrongly, and the one line that he gets for it."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario import Loader
from sim.units import MS, SECOND, InputError
from tests.sim.scenario.sample import (
    TEXT,
    Client,
    Constant,
    Dns,
    Hosts,
    Lognormal,
    Mixed,
    Pause,
    Poisson,
    Sample,
    Transport,
)

LOADER = Loader(Sample)


def load(text: str) -> Sample:
    return LOADER.load(text, "g.yaml")


def message(text: str) -> str:
    with pytest.raises(InputError) as caught:
        load(text)
    return str(caught.value)


def a_client(body: str) -> str:
    return f"name: x\nclients:\n  gateway: {body}\n"


def a_service(body: str) -> str:
    return f"name: x\nservices:\n  orders: {body}\n"


WRONG = [
    ("", "g.yaml:1:1: the file: is empty; write a mapping, known here: name, duration"),
    ("[1, 2]", "g.yaml:1:1: the file: [1, 2] should be a mapping, known here: name, duration"),
    ("hello", 'g.yaml:1:1: the file: "hello" should be a mapping'),
    ("duration: 5s", "g.yaml:1:1: name: is required"),
    ("name: 5", "g.yaml:1:1: name: 5 should be text"),
    ("name: x\nnam: y", "g.yaml:2:1: nam: unknown key; did you mean name?"),
    ("name: x\nzzz: y", "g.yaml:2:1: zzz: unknown key; known here: name, duration, clients"),
    ("name: x\nname: y", 'g.yaml:2:1: "name" occurs twice in this mapping; keep one'),
    ("name: x\nduration: 90", "g.yaml:2:1: duration: 90 has no unit; write a duration such as 20ms"),
    ("name: x\nduration: 1.5", "g.yaml:2:1: duration: 1.5 has no unit; write a duration such as 20ms"),
    ("name: x\nduration: '90'", "duration: 90 is not a duration; write a number and a unit of h, m, s, ms, us, ns"),
    ("name: x\nduration: 5 s", 'duration: "5 s" is not a duration'),
    ("name: x\nduration: -5s", "duration: -5s lies below 0; a duration must lie at or above 0"),
    ("name: x\nduration: -5", "duration: -5 has no unit"),
    ("name: x\nduration: 5sec", "duration: 5sec is not a duration"),
    ("name: x\nduration: true", "duration: true is not a duration"),
    ("name: x\nduration: [5s]", 'duration: ["5s"] is not a duration'),
    ("name: x\nduration:", "duration: null is not a duration"),
    ("name: x\nduration: 0.1ns", "duration: 0.1ns is too small; the smallest is 1ns"),
    ("name: x\nduration: 9999999999h", "duration: 9999999999h is too large; it must fit into 64 bits"),
    ("name: x\nduration: .nan", "duration: nan is not text, a finite number"),
    ("name: x\nduration: .inf", "duration: inf is not text, a finite number"),
    ("name: x\nduration: 1e999", "duration: inf is not text, a finite number"),
    ("name: 2024-01-02", "name: 2024-01-02 is not text, a finite number, true or false; quote it if it is text"),
    (a_client("{timeout: 5}"), "g.yaml:3:13: clients.gateway.timeout: 5 has no unit; write a duration such as 20ms"),
    (a_client("{timeot: 5s}"), "clients.gateway.timeot: unknown key; did you mean timeout?"),
    (a_client("{transport: {max_idle_con_per_host: 2}}"), "did you mean max_idle_conns_per_host?"),
    (a_client("{transport: {MaxIdleCons: 2}}"), "clients.gateway.transport.MaxIdleCons: unknown key"),
    (a_client("{transport: {max_idle_conns: -1}}"), "max_idle_conns: -1 should be greater than or equal to 0"),
    (a_client("{transport: {max_idle_conns: 2.0}}"), "max_idle_conns: 2.0 should be a whole number"),
    (a_client("{transport: {max_idle_conns: true}}"), "max_idle_conns: true should be a whole number"),
    (a_client("{transport: {max_idle_conns: &a true}}"), "max_idle_conns: true should be a whole number"),
    (a_client("{transport: {max_idle_conns: '3'}}"), 'max_idle_conns: "3" should be a whole number'),
    (
        a_client("{transport: {max_idle_conns: 3, MaxIdleConns: 4}}"),
        "max_idle_conns: is written twice, as max_idle_conns and as MaxIdleConns; keep one",
    ),
    (
        a_client("{transport: {idle_conn_timeout: 700s}}"),
        "idle_conn_timeout: 700s should be less than or equal to 10m",
    ),
    (
        a_client("{transport: {idle_conn_timeout: 10us}}"),
        "idle_conn_timeout: 10us should be greater than or equal to 1ms",
    ),
    (a_client("{transport: {preset: zero_transprt}}"), "did you mean zero_transport?"),
    (a_client("{transport: {preset: none}}"), "g.yaml:3:25: clients.gateway.transport.preset: none is gone"),
    (a_client("{transport: 5}"), "clients.gateway.transport: 5 should be a mapping, known here: preset"),
    (a_client("{kernel: {tcp_tw_reuse: 3}}"), "tcp_tw_reuse: 3 should be less than or equal to 2"),
    (a_client("{kernel: {tcp_rmem: 4096}}"), "tcp_rmem: 4096 has no unit; write a size such as 4KiB"),
    (a_client("{kernel: {tcp_rmem: 4K}}"), "tcp_rmem: 4K is not a size"),
    (a_client("{kernel: {foo.somaxconn: 3}}"), "kernel.foo.somaxconn: unknown key"),
    (
        a_client("{kernel: {ip_local_port_range: [60999, 32768]}}"),
        "g.yaml:3:22: clients.gateway.kernel.ip_local_port_range: 60999 lies above 32768; write the lower bound first",
    ),
    (
        a_client("{kernel: {ip_local_port_range: [1]}}"),
        "ip_local_port_range: [1] has 1 of 2 items; write 2, such as [32768, 60999]",
    ),
    (
        a_client("{kernel: {ip_local_port_range: [1, 2, 3]}}"),
        "ip_local_port_range: [1, 2, 3] should have at most 2 items, not 3",
    ),
    (a_client("{keep_alive: 1}"), "keep_alive: 1 should be true or false"),
    (a_client("{keep_alive: yes}"), 'keep_alive: "yes" should be true or false'),
    (a_client("{jitter: {lognormal: {mean: 5ms}}}"), "clients.gateway.jitter.lognormal.p99: is required"),
    (a_service("{workers: 0, service_time: 1ms}"), "services.orders.workers: 0 should be greater than or equal to 1"),
    (a_service("{service_time: 20}"), "services.orders.service_time: 20 has no unit; write a duration such as 20ms"),
    (a_service("{service_time: {}}"), "service_time: needs exactly one of: constant, lognormal, mixed"),
    (
        a_service("{service_time: {constant: 1ms, lognormal: {mean: 1ms, p99: 2ms}}}"),
        "service_time: needs exactly one of: constant, lognormal, mixed",
    ),
    (
        a_service("{service_time: {lognormall: {mean: 1ms}}}"),
        "service_time: unknown kind lognormall; did you mean lognormal?",
    ),
    (a_service("{service_time: {lognormal: 5ms}}"), 'service_time.lognormal: "5ms" should be a mapping'),
    (a_service("{service_time: {lognormal: {mean: 5, p99: 2s}}}"), "service_time.lognormal.mean: 5 has no unit"),
    (a_service("{service_time: {mixed: {parts: [1ms, 5]}}}"), "service_time.mixed.parts.1: 5 has no unit"),
    (a_service("{service_time: {mixed: 5}}"), "service_time.mixed: 5 should be a list"),
    (a_service("{service_time: 1ms, resolve: host}"), "resolve: unknown kind host; did you mean hosts?"),
    (a_service("{service_time: 1ms, resolve: {dns: rotte}}"), "resolve.dns: "),
    (a_service("{service_time: 1ms, resolve: {hosts: {x: 1}}}"), "resolve.hosts.x: unknown key; no key is known here"),
    (a_service("{service_time: 1ms, weight: heavy}"), 'weight: "heavy" should be a number'),
    (a_service("{service_time: 1ms, steps: 5ms}"), 'steps: "5ms" should be a list'),
    ("name: x\nworkloads: {a: {poisson: 5}}", "workloads.a.poisson: 5 has no unit; write a rate such as 1200/s"),
    ("name: x\nworkloads: {a: {poisson: {rate: 5/d}}}", "poisson.rate: 5/d is not a rate"),
    ("name: x\nworkloads: {a: {poisson: {rate: -5/s}}}", "poisson.rate: -5/s lies below 0; a rate must"),
    ("name: x\nworkloads: {a: poisson}", "workloads.a.poisson.rate: is required"),
    ("name: x\ntimeline: [{at: 1s, pause: {forr: 2s}}]", "timeline.0.pause.forr: unknown key; did you mean for?"),
    ("name: x\ntimeline: [{at: 1s, pause: {}}]", "g.yaml:2:21: timeline.0.pause.for: is required"),
    ("name: x\ntimeline:\n- at: 1s\n- at: 2\n", "g.yaml:4:3: timeline.1.at: 2 has no unit"),
    ("name: x\nlabels: {a: 5}", "labels.a: 5 should be text"),
    ("name: x\nlabels: {true: a}", "the key True is not a name; quote it"),
    ("name: x\nlabels: {[1]: a}", "labels: a list or a mapping cannot be a key; write a name"),
    ("name: x\nlabels: {{a: b}: a}", "labels: a list or a mapping cannot be a key; write a name"),
    ("name: x\nlabels: {1: a, '1': b}", "labels.1: is written twice"),
    ("name: x\n\tduration: 5s", "g.yaml:2:1: a tab cannot stand here; indent with spaces"),
    ("name: x\x00y", "g.yaml:1:8: the character U+0000 is not allowed; remove it"),
    ("name: a: b", "g.yaml:1:8: a colon cannot stand here"),
    ("name: [a", "g.yaml:1:9: "),
    ('name: "a', "g.yaml:1:9: "),
    ("name: x\n---\nname: y", "g.yaml:2:1: a second document begins; keep one in the file"),
    ("name: *nobody", "g.yaml:1:7: "),
    ("name: !secret x", "name: tags such as !secret are not read; remove it"),
    ("name: x\nlabels: !secret {a: b}", "labels: tags such as !secret are not read; remove it"),
    ("name: !!python/object:os.system x", "g.yaml"),
    ("name: !!int x", "g.yaml"),
    ("name: !!int ''", "g.yaml: is not YAML that can be read"),
    ('name: "\\ud800"', "name: holds half of a character"),
    (f"name: {'9' * 5000}", "g.yaml"),
    ("name: 2024-13-45", "g.yaml"),
    ("name: x\nlabels: &a {a: *a}", "labels.a: null should be text"),
    ("name: " + "[" * 3000, "g.yaml:1:107: is nested too deeply; 100 levels are allowed"),
    ("name:\n" + "".join(" " * i + "a:\n" for i in range(1, 400)), "is nested too deeply"),
    ("- " * 5000, "is nested too deeply"),
    ("x" * 1_000_001, "g.yaml: has 1,000,001 characters; 1,000,000 are allowed"),
    ('name: x\nlabels: {"a\\nb": 5}', "labels.a\\nb: 5 should be text"),
]


@pytest.mark.parametrize(("text", "told"), WRONG, ids=[repr(text[:50]) for text, _ in WRONG])
def test_a_wrong_input_gives_one_clear_line(text: str, told: str) -> None:
    line = message(text)

    assert told in line
    assert line.startswith("g.yaml")
    assert line.isprintable()
    assert len(line) < 400


def test_an_alias_bomb_ends_at_once() -> None:
    levels = "".join(f"  l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]\n" for i in range(1, 9))
    started = time.perf_counter()

    line = message(f"name: x\nlabels:\n  l0: &l0 [a]\n{levels}")

    assert line.endswith("is too large once its aliases are expanded")
    assert time.perf_counter() - started < 5


def test_a_whole_text_becomes_a_tree_of_dataclasses() -> None:
    sample = load(TEXT)

    assert sample.duration == 120 * SECOND
    assert sample.services["orders"].service_time == Lognormal(mean=20 * MS, p99=120 * MS)
    assert sample.services["orders"].steps == (
        Constant(value=MS),
        Mixed(parts=(Constant(value=2 * MS), Constant(value=0))),
    )
    assert sample.timeline[0].pause == Pause(backend=1, for_=2 * SECOND)


def test_short_forms_of_kinds_are_read() -> None:
    sample = load(TEXT)

    assert sample.services["orders"].resolve == Dns(order="rotate")
    assert sample.services["stock"].resolve == Hosts()
    assert sample.services["stock"].service_time == Constant(value=3 * MS)
    assert sample.workloads["checkout"] == Poisson(rate=1200.0)


def test_go_and_sysctl_spellings_mean_the_field() -> None:
    gateway = load(TEXT).clients["gateway"]

    assert gateway.transport.max_idle_conns_per_host == 2
    assert (gateway.kernel.tcp_tw_reuse, gateway.kernel.somaxconn) == (1, 128)
    assert load(a_client("{transport: {TLSHandshakeTimeout: 3s}}")).clients["gateway"].transport == Transport(
        tls_handshake_timeout=3 * SECOND
    )


def test_names_of_the_users_are_left_alone() -> None:
    text = "name: x\nclients: {MaxIdleConns: {}, for: {}, for_: {}, net.core.somaxconn: {}}"

    assert list(load(text).clients) == ["MaxIdleConns", "for", "for_", "net.core.somaxconn"]


def test_a_preset_fills_what_was_omitted() -> None:
    transport = load(a_client("{transport: {preset: zero_transport, tls_handshake_timeout: 1s}}")).clients["gateway"]

    assert transport.transport == Transport(preset="zero_transport", max_idle_conns=0, tls_handshake_timeout=SECOND)


def test_merged_and_aliased_mappings_are_read() -> None:
    text = "name: x\nclients:\n  a: &a {timeout: 5s, keep_alive: false}\n  b: {<<: *a, timeout: 6s}\n  c: *a\n"

    assert load(text).clients["b"] == Client(timeout=6 * SECOND, keep_alive=False)
    assert load(text).clients["c"] == load(text).clients["a"]


def test_a_typo_is_told_before_the_missing_key_that_it_causes() -> None:
    assert "did you mean service_time?" in message(a_service("{servicetime: 5ms}"))


def test_a_plain_tree_is_told_by_its_name_and_path() -> None:
    with pytest.raises(InputError, match=r"^manifest: clients\.a\.timeout: 5 has no unit"):
        LOADER.load_tree({"name": "x", "clients": {"a": {"timeout": 5}}}, "manifest")


def test_the_callers_tree_is_left_as_it_was() -> None:
    tree = {"name": "x", "clients": {"a": {"transport": {"preset": "zero_transport"}}}}

    LOADER.load_tree(tree, "tree", ["clients.a.timeout=5s"])

    assert tree == {"name": "x", "clients": {"a": {"transport": {"preset": "zero_transport"}}}}


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(TEXT)), st.integers(0, 4), st.text(max_size=3) | st.sampled_from(list("{}[]:&*!-\t"))
        ),
        min_size=1,
        max_size=4,
    )
)
def test_a_mutated_text_loads_or_gives_one_line(changes: list[tuple[int, int, str]]) -> None:
    text = TEXT
    for start, dropped, added in changes:
        text = text[:start] + added + text[start + dropped :]

    told = outcome(text)

    assert told == "fine" or (told.isprintable() and re.match(r"g\.yaml(:\d+:\d+)?: ", told)), told


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_loads_or_gives_one_line(text: str) -> None:
    assert outcome(text).isprintable()


def outcome(text: str) -> str:
    try:
        load(text)
    except InputError as error:
        return str(error)
    return "fine"
