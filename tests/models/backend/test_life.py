"""How a server ends in order: keep-alives off, Shutdown."""

from models.backend.life import disable_keep_alives, shutdown
from sim.units import MS
from tests.models.worlds import Lab, a_lab


def shut_down(lab: Lab, ms: float) -> None:
    """Server.Shutdown at `ms`."""
    host = lab.world.hosts[0]

    def begin() -> None:
        host.is_dead = True
        lab.engine.process(shutdown(host.server))

    lab.at(ms, begin)


def test_keep_alives_off_closes_the_idle_at_once_and_the_busy_after_their_answers() -> None:
    lab = a_lab(max_idle_conns_per_host=10)
    lab.ask("A", 0)
    lab.ask("B", 10, 200)
    lab.ask("C", 15, 20)
    lab.at(100, lambda: disable_keep_alives(lab.world.hosts[0].server))
    lab.ask("D", 300)

    lab.run()

    assert {number: row.t_close for number, row in lab.connections.items()} == {1: 210, 2: 100, 3: 300}, "V23.5"
    assert [lab.requests[name].err for name in "ABCD"] == ["", "", "", ""]


def test_shutdown_finishes_what_runs_and_refuses_what_comes() -> None:
    lab = a_lab(max_idle_conns_per_host=10)
    lab.ask("A", 0)
    lab.ask("B", 50, 300)
    lab.ask("C", 60, 20)
    shut_down(lab, 150)
    lab.ask("D", 220)

    lab.run()

    assert {number: row.t_close for number, row in lab.connections.items() if row.t_connected is not None} == {
        1: 350,
        2: 150,
    }, "V23.6"
    assert (lab.requests["B"].err, lab.requests["D"].err) == ("", "connection refused")


def test_shutdown_spares_a_connection_without_any_request_for_five_whole_seconds() -> None:
    lab = a_lab(max_idle_conns_per_host=10)
    lab.slow_dials(0, 50)
    lab.ask("A", 0, 20)
    lab.ask("B", 10, 20)  # served by A's connection; its own dial ends at 60 and is never used
    shut_down(lab, 100)

    lab.run(10_000)

    assert lab.connections[1].t_close == 100
    assert 6_000 <= lab.connections[2].t_close < 6_500 + 1, "closeIdleConns: older than 5 s, in whole seconds"


def test_shutdown_polls_for_uploads_that_are_still_under_way() -> None:
    lab = a_lab()
    lab.ask("A", 0, 20, method="POST", has_body=True, body_bytes=8, body_pause=100 * MS)
    shut_down(lab, 50)

    row = lab.run().requests["A"]

    assert (row.err, row.t_done, lab.connections[1].t_close) == ("", 120, 120)
