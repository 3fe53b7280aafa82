"""What happens to single pods: they crash, they are ended and replaced, their zone is lost."""

from collections.abc import Generator
from typing import Any

from models.lifecycle.pod import Phase
from models.timeline.effect import Effect, Hit


def _crash(hit: Hit) -> None:
    hit.world.pod(hit.site.index).crash()


def _drain(hit: Hit) -> None:
    hit.world.pod(hit.site.index).end()


def _replace(hit: Hit) -> None:
    hit.world.engine.process(_start_when_gone(hit.world, hit.world.pod(hit.site.index)))


def _start_when_gone(world: Any, pod: Any) -> Generator[Any, Any, None]:
    """A pod of the same version on the same backend."""
    while pod.phase is Phase.ENDING:
        yield world.fleets[world.service_at(pod.index)].change
    if pod.phase is Phase.ABSENT:
        pod.start(pod.version)


def _lose_zone(hit: Hit) -> None:
    hit.world.break_paths(hit.site.index, hit.until)
    hit.world.engine.call_in(hit.fault.detection, _believe_lost, hit)


def _believe_lost(hit: Hit) -> None:
    if hit.world.engine.now < hit.until:
        _set_cut_off(hit, is_cut_off=True)


def _regain_zone(hit: Hit) -> None:
    _set_cut_off(hit, is_cut_off=False)


def _set_cut_off(hit: Hit, *, is_cut_off: bool) -> None:
    pod = hit.world.pod(hit.site.index)
    pod.is_cut_off = is_cut_off
    pod.announce()


def _fail_probe(hit: Hit) -> None:
    _set_failing(hit, is_failing=True)


def _pass_probe(hit: Hit) -> None:
    _set_failing(hit, is_failing=False)


def _set_failing(hit: Hit, *, is_failing: bool) -> None:
    pod = hit.world.pod(hit.site.index)
    pod.is_failing = is_failing
    pod.announce()


POD_FAULTS = {
    "crash": Effect(_crash),
    "unready": Effect(_fail_probe, _pass_probe),
    "drain": Effect(_drain, _replace),
    "zone_loss": Effect(_lose_zone, _regain_zone),
}
