"""Handlers that leave an upload unread, when it never comes: they end, whatever became of the connection.

net/http/server.go, chunkWriter.writeHeader: the server reads the rest before it answers; where that fails, as after
the read deadline, the answer goes out all the same and says Connection: close.
"""

import numpy as np
import pytest

from models.world import World, world_of
from sim import load
from sim.engine.streams import Streams
from sim.records.trace import Memory
from sim.units import MS

SLOW_UPLOADS = """\
duration: 1s
network: {{rtt: 1ms}}
clients: {{c: {{timeout: {timeout}}}}}
services: {{s: {{reads_body: false, read_timeout: {read_timeout}, service_time: {service_time}}}}}
workloads:
  w: {{client: c, service: s, arrivals: {{constant: {{rate: 5/s}}}}, request_body: {{size: 8B, pause: 70ms}}}}
"""


def run(service_time: str, *, read_timeout: str = "0s", timeout: str = "0s") -> tuple[World, dict[str, list[int]]]:
    text = SLOW_UPLOADS.format(service_time=service_time, read_timeout=read_timeout, timeout=timeout)
    store = Memory()
    world = world_of(load(text), Streams(1, 0), store)
    world.run()
    rows = store.rows("requests")
    names = world.trace.vocabulary.texts()
    return world, {"err": [names[i] for chunk in rows for i in chunk["err"]], "status": [
        int(i) for chunk in rows for i in chunk["status"]]}  # fmt: skip


def left(world: World) -> dict[str, int]:
    _, levels = world.trace.levels.on_grid()
    return {name: int(level[-1]) for name, level in zip(world.trace.levels.series, levels, strict=True)}


@pytest.mark.parametrize("service_time", ["5ms", "50ms", "100ms"], ids=["waits for it", "serves", "serves beyond it"])
def test_the_read_deadline_ends_the_wait_for_the_body_and_the_answer_goes_out(service_time: str) -> None:
    world, requests = run(service_time, read_timeout="30ms")

    assert requests == {"err": [""] * 5, "status": [200] * 5}
    levels = left(world)
    assert (levels["srv_handlers"], levels["srv_connections"]) == (0, 0), "ended, with Connection: close"


def test_a_handler_does_not_wait_for_the_body_of_a_client_that_left_while_it_served() -> None:
    world, requests = run("50ms", timeout="20ms")

    assert requests["status"] == [0] * 5
    assert left(world)["srv_handlers"] == 0, "no read of a connection that is gone blocks"


def test_a_handler_that_waited_for_its_worker_when_the_deadline_passed_answers_too() -> None:
    text = SLOW_UPLOADS.format(service_time="100ms", read_timeout="30ms", timeout="0s")
    text = text.replace("services: {s: {", "services: {s: {workers: 1, ").replace("rate: 5/s", "rate: 20/s")
    world = world_of(load(text + "tail: 2s\n"), Streams(1, 0), store := Memory())
    world.run()

    rows = np.concatenate(store.rows("requests"))
    assert len(rows) > 5
    assert (rows["srv_q"] > 30 * MS).any(), "some wait in the queue beyond the deadline"
    assert set(rows["status"].tolist()) == {200}
    assert left(world)["srv_handlers"] == 0
