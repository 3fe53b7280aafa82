"""Faults of a backend's program: it stops, ends, hangs, or says goodbye."""

from models.backend.http2 import Http2Connection
from models.backend.life import disable_keep_alives, shutdown
from models.backend.pace import Pace
from models.timeline.effect import Effect, Hit


def _pause(hit: Hit) -> None:
    hit.site.host.server.pause(mid_accept=hit.fault.mid_accept)


def _resume(hit: Hit) -> None:
    server = hit.site.host.server
    if server.is_paused:  # not killed meanwhile
        server.resume()


def _die(hit: Hit) -> None:
    hit.site.host.is_dead = True
    hit.site.host.server.die()


def _refuse(hit: Hit) -> None:
    hit.site.host.is_dead = True


def _listen(hit: Hit) -> None:
    hit.site.host.is_dead = not hit.world.pod(hit.site.index).listens


def _start_anew(hit: Hit) -> None:
    if hit.world.pod(hit.site.index).listens:
        hit.site.host.server.start_again()


def _stall_headers(hit: Hit) -> None:
    hit.site.host.server.unanswered_share = hit.fault.share


def _answer_again(hit: Hit) -> None:
    hit.site.host.server.unanswered_share = 0.0


def _disable_keep_alives(hit: Hit) -> None:
    disable_keep_alives(hit.site.host.server)


def _enable_keep_alives(hit: Hit) -> None:
    server = hit.site.host.server
    server.closes = server.config.disable_keep_alives


def _shut_down(hit: Hit) -> None:
    hit.site.host.is_dead = True
    hit.world.engine.process(shutdown(hit.site.host.server))


def _start_again(hit: Hit) -> None:
    _listen(hit)
    _enable_keep_alives(hit)


def _slow_down(hit: Hit) -> None:
    server = hit.site.host.server
    server.pace = server.pace or Pace()
    server.pace.factor = hit.fault.factor


def _speed_up(hit: Hit) -> None:
    hit.site.host.server.pace.factor = 1.0


def _limit_streams(hit: Hit) -> None:
    _announce(hit, hit.fault.max_concurrent_streams)


def _restore_streams(hit: Hit) -> None:
    _announce(hit, hit.site.server.config.http2.max_concurrent_streams)


def _announce(hit: Hit, max_streams: int) -> None:
    for conn in tuple(hit.site.server.connections):
        if isinstance(conn, Http2Connection):
            conn.announce(max_streams)


def _flush(hit: Hit) -> None:
    program = hit.site.host.server.program
    if program is not None and program.cache is not None:  # another version may have none
        program.cache.flush()


PROGRAM_FAULTS = {
    "pause": Effect(_pause, _resume),
    "die": Effect(_die, _start_anew),
    "refuse": Effect(_refuse, _listen),
    "header_stall": Effect(_stall_headers, _answer_again),
    "keep_alives_off": Effect(_disable_keep_alives, _enable_keep_alives),
    "shutdown": Effect(_shut_down, _start_again),
    "flush": Effect(_flush),
    "stream_limit": Effect(_limit_streams, _restore_streams),
    "slow": Effect(_slow_down, _speed_up),
}
