"""Fleets that cannot be: one line each, with the place, the offender and the way out."""

from typing import Any

import pytest

from sim import wiring
from sim.units import InputError

WORLD: dict[str, Any] = {"services": {"chat": {}}, "sessions": {"f": {"count": 4, "service": "chat", "websocket": {}}}}
WRONG = {
    "sessions.f.count=0": "sessions.f.count=0: 0 should be",
    "sessions.f.service=chta": "no service is called chta; did you mean chat?",
    "sessions.f={count: 4, service: chat}": "sessions.f.websocket: a fleet speaks exactly one protocol",
    "sessions.f.websocket.client={every: 15s, timeout: 20s}": "client.timeout: 20s is longer than every, 15s",
    "sessions.f.websocket.client={timeout: 20s}": "client.every: nothing is asked",
    "sessions.f.websocket.server={every: 60s, pong_wait: 60s}": "server.pong_wait: 1m ends before the next pong",
    "sessions.f.websocket.server={every: 10s, timeout: 5s, pong_wait: 60s}": "server.pong_wait: stands beside timeout",
    "sessions.f.websocket.server=gorila": "'gorila' is none of none, gorilla_chat",
    "sessions.f.resumes_tls=true": "sessions.f.resumes_tls=true: there is no TLS session with a service of http",
    "sessions.f.reconnect={policy: backoff, delay: 10s, cap: 5s}": "reconnect.cap: lies below delay",
    "sessions.f.keep_alive=windows": "'windows' is none of off, go, linux",
    "sessions.f.network_stalls={every: 0s, lasts: 1s}": "network_stalls.every: 0s",
    "network.middlebox=azure": "'azure' is none of aws_nlb",
    "network.middlebox={idle_timeout: 0s}": "middlebox.idle_timeout: 0s",
}


@pytest.mark.parametrize(("override", "said"), WRONG.items(), ids=WRONG)
def test_it_is_refused_in_one_line(override: str, said: str) -> None:
    with pytest.raises(InputError) as refusal:
        wiring.load_tree(WORLD, [override])

    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_short_form_stands_for_what_a_library_does() -> None:
    scenario = wiring.load_tree(WORLD, ["sessions.f.websocket.client=websockets", "network.middlebox=aws_nlb"])

    told = scenario.sessions["f"].websocket
    assert told is not None
    assert (told.client.every, told.client.timeout) == (20 * 10**9, 20 * 10**9)
    assert scenario.network.middlebox is not None
    assert scenario.network.middlebox.on_expiry == "reset"
