"""Answers on HTTP/2 that are foreseen (docs/adr/0005): all rows and levels are as step by step, with fewer events."""

import pytest

from sim import wiring

WORLD = """
duration: 3s
network: {{rtt: 5ms}}
clients: {{c: {{{client}}}}}
services:
  s: {{scheme: https, http2: {{max_concurrent_streams: 8}}, backends: 2, service_time: {{exponential: {{mean: 20ms}}}}}}
workloads:
  w: {{client: c, service: s, arrivals: {{poisson: {{rate: 400/s}}}}}}
  body: {{client: c, service: s, method: POST, {body}, arrivals: {{poisson: {{rate: {rate}/s}}}}}}
"""
AFTER_THE_END = "timeline=[{at: 60s, pause: {for: 1s}}]"
"""A host that something may happen to is gone through step by step."""


@pytest.mark.parametrize("client", ["", "timeout: 30ms", "transport: {response_header_timeout: 25ms}"])
@pytest.mark.parametrize("rate", [0, 20])
def test_the_rows_are_those_of_a_run_step_by_step(client: str, rate: int) -> None:
    text = WORLD.format(client=client, rate=rate, body="request_body: {size: 3kB}")
    foreseen, stepwise = (wiring.run(wiring.load(text, sets)) for sets in ([], [AFTER_THE_END]))

    for table in ("requests", "connections"):
        assert getattr(foreseen, table).equals(getattr(stepwise, table)), table
    assert foreseen.samples.equals(stepwise.samples)
    assert foreseen.manifest["requests"] > 1000
