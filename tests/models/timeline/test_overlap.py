"""Overlaps: events that contradict one another are refused, with the places of both."""

import pytest

from sim.units import InputError
from sim.wiring import load

SCENARIO = """
duration: 60s
clients: {{c: {{}}}}
services:
  s: {{backends: 4, zones: [a, b], workers: 4}}
  other: {{backends: 2, zones: [b]}}
workloads: {{w: {{client: c, service: s, arrivals: {{poisson: {{rate: 1/s}}}}}}}}
timeline:
  - {one}
  - {other}
"""


def refused(one: str, other: str) -> str:
    """What is said of the two events; empty where they may be."""
    try:
        load(SCENARIO.format(one=one, other=other))
    except InputError as error:
        return str(error)
    return ""


PAIRS = [
    ("{at: 1s, pause: {service: s, for: 9s}}", "{at: 5s, pause: {service: s}}"),
    ("{at: 1s, pause: {service: s}}", "{at: 5s, die: {service: s, backend: all}}"),
    ("{at: 5s, die: {service: s}}", "{at: 1s, shutdown: {service: s, for: 5s}}"),
    ("{at: 1s, drain: {service: s, for: 9s}}", "{at: 5s, crash: {service: s}}"),
    ("{at: 1s, drop: {service: s, backend: 1, for: 9s}}", "{at: 5s, zone_loss: {zone: b}}"),
    ("{at: 1s, zone_loss: {zone: b}}", "{at: 5s, unreachable: {service: other}}"),
    ("{at: 1s, keep_alives_off: {service: s}}", "{at: 2s, shutdown: {service: s}}"),
    ("{at: 0s, autoscale: {service: s, target: 0.5}}", "{at: 5s, scale: {service: s, to: 2}}"),
    ("{at: 0s, chaos: {service: s, every: 1s, for: 1s, kinds: {pause: 1}}}", "{at: 5s, slow: {service: s}}"),
    ("{at: 0s, slow: {service: s, for: 9s}}", "{at: 8s, slow: {service: s, factor: 2}}"),
]
COMPATIBLE = [
    ("{at: 1s, pause: {service: s, for: 4s}}", "{at: 5s, pause: {service: s}}"),
    ("{at: 1s, pause: {service: s}}", "{at: 5s, pause: {service: s, backend: 1}}"),
    ("{at: 1s, pause: {service: s}}", "{at: 5s, crash: {service: s}}"),
    ("{at: 1s, slow: {service: s}}", "{at: 5s, loss: {service: s}}"),
    ("{at: 1s, zone_loss: {zone: a}}", "{at: 5s, zone_loss: {zone: b}}"),
    ("{at: 1s, scale: {service: s, to: 3}}", "{at: 5s, autoscale: {service: s, target: 0.5}}"),
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_what_cannot_both_be_is_refused(one: str, other: str) -> None:
    assert "and both cannot be; move one of them, or shorten it" in refused(one, other)


@pytest.mark.parametrize(("one", "other"), COMPATIBLE)
def test_what_can_both_be_is_not(one: str, other: str) -> None:
    assert refused(one, other) == ""


def test_the_line_names_both_events_with_their_places_and_spans() -> None:
    said = refused("{at: 1s, pause: {service: s, for: 9s}}", "{at: 5s, die: {service: s, backend: all, for: 1s}}")

    assert said == (
        "scenario:10:14: timeline.1.die: at 5s it hits backend 0 of s, where timeline.0.pause lasts from 1s to 10s,"
        " and both cannot be; move one of them, or shorten it"
    )


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("{at: -1s, die: {service: s}}", "timeline.1.at: -1s"),
        ("{at: 1s, die: {service: s, backend: 4}}", "s has backends 0 to 3, not 4"),
        ("{at: 1s, zone_loss: {zone: c}}", "timeline.1.zone_loss.zone: no zone is called c; known here: a, b"),
        ("{at: 1s, deploy: {service: s, version: v9}}", "deploy.version: s has no version v9; known here: base"),
        ("{at: 1s, scale: {service: s, to: 9}}", "timeline.1.scale.to: s has 4 backends, not 9; raise its backends"),
        ("{at: 1s, autoscale: {service: other, target: 0.5}}", "other has workers without limit"),
        (
            "{at: 1s, autoscale: {service: s, target: 0.5, metric: cpu}}",
            "timeline.1.autoscale.metric: s has no program that uses CPU; write metric: workers",
        ),
        ("{at: 1s, autoscale: {service: s, target: 5}}", "5 of the workers is more than all"),
        ("{at: 1s, autoscale: {service: s, target: 0.5, min: 3, max: 2}}", "max: 2 lies below min: 3"),
        ("{at: 1s, release: {service: s, version: base, steps: []}}", "timeline.1.release.steps"),
        (
            "{at: 1s, release: {service: s, version: base, steps: [{weight: 1}, {weight: 0}]}}",
            "timeline.1.release.steps: each must come after the one before it",
        ),
        ("{at: 1s, release: {service: s, version: base, steps: [{weight: 1.5}]}}", "steps.0.weight: 1.5"),
    ],
)
def test_what_cannot_happen_is_refused(event: str, said: str) -> None:
    assert said in refused("{at: 0s, slow: {service: s, for: 1s}}", event)


def test_a_zone_needs_services_that_have_some() -> None:
    text = SCENARIO.format(one="{at: 1s, zone_loss: {zone: c}}", other="{at: 1s, die: {service: s}}")
    with pytest.raises(InputError, match="no service says where its backends are"):
        load(text.replace("zones: [a, b], ", "").replace(", zones: [b]", ""))
