"""The JSON Schema of a dataclass, and the list of its keys."""

from sim.scenario import json_schema, walk_keys
from tests.sim.scenario.sample import Sample

SCHEMA = json_schema(Sample)


def fields(name: str) -> dict[str, dict[str, object]]:
    return SCHEMA["$defs"][name]["properties"]


def test_every_mapping_of_a_class_is_closed() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["additionalProperties"] is False
    assert all(inner["additionalProperties"] is False for inner in SCHEMA["$defs"].values())


def test_defaults_have_their_units() -> None:
    assert fields("Transport")["idle_conn_timeout"]["default"] == "90s"
    assert fields("Kernel")["tcp_rmem"]["default"] == "128KiB"
    assert fields("Closed")["think"]["default"] == "0s"
    assert fields("Service")["resolve"]["default"] == {"hosts": {}}
    assert "default" not in fields("Pause")["for"]


def test_descriptions_come_from_the_strings_below_the_fields() -> None:
    assert fields("Pause")["for"]["description"] == "How long."
    assert str(fields("Transport")["max_idle_conns"]["description"]).startswith("Idle connections over all hosts;")
    assert SCHEMA["$defs"]["Transport"]["description"] == "The client's transport."


def test_reserved_words_are_written_without_the_underscore() -> None:
    assert set(fields("Pause")) == {"backend", "for"}
    assert SCHEMA["$defs"]["Pause"]["required"] == ["for"]


def test_every_leaf_key_is_walked_once() -> None:
    keys = list(walk_keys(SCHEMA))

    assert len(keys) == len(set(keys))
    assert {
        "name",
        "clients.*.transport.max_idle_conns_per_host",
        "clients.*.kernel.ip_local_port_range",
        "clients.*.jitter.lognormal.p99",
        "services.*.steps.[].constant.value",
        "services.*.resolve.hosts",
        "services.*.resolve.dns.order",
        "workloads.*.poisson.rate",
        "timeline.[].pause.for",
        "labels.*",
    } <= set(keys)
    assert "clients" not in keys
    assert "services.*.service_time" not in keys
    assert not [key for key in keys if "mixed.[]" in key]
