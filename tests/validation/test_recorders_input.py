"""What the recorder writes down as input.json, read back as `sim validate` reads it. Nothing is recorded for it."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from models.recorded.input_file import go_spelling
from models.recorded.lab import LabInput
from models.recorded.scenario import scenario_of
from sim.evidence import load_experiment
from sim.scenario import Loader
from sim.units import InputError
from sim.validation.record import input_document
from sim.validation.toolchain import source_folder

OF_THE_RUN = {"Rep": 2, "GoVersion": "go1.27.3", "Kernel": "6.18.44", "T0UnixNano": 1_780_000_000_000_000_000}
SHIPPED = sorted(source_folder().glob("*.yaml"))

EVERYTHING = """\
Experiment: P09
Variant: everything
Duration: 5s
Tail: 3s
Scheme: https
Method: POST
Transport:
  MaxIdleConns: 7
  MaxIdleConnsPerHost: 2
  MaxConnsPerHost: 5
  IdleConnTimeout: 1500ms
  TLSHandshakeTimeout: 400ms
  ResponseHeaderTimeout: 2s
  ExpectContinueTimeout: 250ms
  DisableCompression: true
  ForceAttemptHTTP2: true
  HTTP2: {StrictMaxConcurrentRequests: true}
Dialer: {Timeout: 3s, KeepAlive: 45s}
Client: {Timeout: 1500ms}
TLS: {MinVersion: "1.2", MaxVersion: "1.3", ClientSessionCache: 9}
Server:
  Backends:
  - {Proto: h2, Workers: 20, MaxConcurrentStreams: 50, HandlerHonoursCancel: true}
  - {Proto: h2, Backlog: 64, IdleTimeout: 700ms, BodyBytes: 4096, Mode: tls-stall}
Topology: {Link: tun, OneWayDelay: 5ms}
Events:
  - {T: 500ms, Action: die, Backend: 0}
  - {T: 1s, Action: revive, Backend: 0}
  - {T: 1s, Action: mode, Backend: 1, Mode: normal}
  - {T: 2s, Action: pause, Dur: 300ms}
  - {T: 3s, Action: sigstop, Dur: 200ms}
  - {T: 4s, Action: drop, IP: 10.77.0.12, Dur: 1s}
Sysctl: {net.ipv4.ip_local_port_range: 30000 30199, net.ipv4.tcp_tw_reuse: 1}
ServerSysctl: {net.core.somaxconn: 128}
Arrivals: {poisson: 60/s}
Service: 50ms
Seed: 3
"""
CLOSED = """\
Experiment: P10
Variant: closed
Duration: 5s
Transport: {DisableKeepAlives: true}
Server: {Backends: [{KeepAlivesDisabled: true}, {KeepAlivesDisabled: true}]}
Topology: {DNSMode: rotating-dns, DNSName: orders.test, DNSAddrs: [10.77.0.12, 10.77.0.11]}
Arrivals: {closed_loop: {workers: 5, think: 20ms}}
Service: 5ms
"""


def document(path: Path) -> str:
    """The input.json of a repetition of an experiment."""
    return input_document(load_experiment(path), OF_THE_RUN)


def written(folder: Path, text: str) -> Path:
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def read(text: str) -> LabInput:
    lab: LabInput = Loader(LabInput).load(text, "input.json")
    return lab


def as_written(config: Any) -> Any:
    """What was read, in the words in which it is written."""
    if is_dataclass(config):
        return {go_spelling(field.name): as_written(getattr(config, field.name)) for field in fields(config)}
    if isinstance(config, tuple):
        return [as_written(each) for each in config]
    return dict(config) if isinstance(config, Mapping) else config


def assert_round_trip(path: Path) -> None:
    text = document(path)
    assert as_written(read(text)) == json.loads(text), "every field is known, none is left to a default"
    assert scenario_of(read(text), "arrivals.csv.gz").workloads, "and it means a scenario"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_input_of_every_experiment_that_ships_is_read_as_it_was_written(path: Path) -> None:
    assert_round_trip(path)


@pytest.mark.parametrize("text", [EVERYTHING, CLOSED], ids=["everything", "closed"])
def test_whatever_an_experiment_may_say_is_read_as_it_was_written(text: str, tmp_path: Path) -> None:
    assert_round_trip(written(tmp_path, text))


@pytest.mark.parametrize(
    ("at", "key"),
    [
        ((), "Retries"),
        (("Transport",), "MaxIdleConnsPerHots"),
        (("Server", "Backends", 0), "Worker"),
        (("Topology",), "MTU"),
    ],
    ids=str,
)
def test_a_field_that_is_not_known_is_refused_by_its_name(at: tuple[str | int, ...], key: str) -> None:
    tree = json.loads(document(SHIPPED[0]))
    part = tree
    for step in at:
        part = part[step]
    part[key] = 1

    with pytest.raises(InputError, match=rf"input\.json:\d+:\d+: .*{key}: unknown key"):
        read(json.dumps(tree, indent=1))
