"""The scripts of what is done to the pods of a service."""

from collections.abc import Callable, Generator
from typing import Any

from models.lifecycle.autoscaler import Autoscaler, Rules
from models.timeline.fleet_events import Autoscale, Deploy, Release, Rollback, Scale

Script = Generator[Any, Any, None]


def _deploy(_: Any, fleet: Any, told: Deploy) -> Script:
    yield from fleet.rollouts.deploy(told.version, told.max_surge, told.max_unavailable)


def _rollback(_: Any, fleet: Any, told: Rollback) -> Script:
    yield from fleet.rollouts.rollback(told.max_surge, told.max_unavailable)


def _release(_: Any, fleet: Any, told: Release) -> Script:
    steps = [(step.after, step.weight) for step in told.steps]
    yield from fleet.rollouts.release(told.version, told.backends, steps)


def _scale(world: Any, fleet: Any, told: Scale) -> Script:
    world.note(f"scale {fleet.name} from {fleet.size} to {told.to}")
    fleet.scale(told.to)
    yield from ()


def _autoscale(world: Any, fleet: Any, told: Autoscale) -> Script:
    rules = Rules(
        metric=told.metric,
        target=told.target,
        least=told.min,
        most=told.max or len(fleet.pods),
        interval=told.interval,
        window=told.window,
        lag=told.lag,
        tolerance=told.tolerance,
        stabilisation=told.stabilisation,
    )
    world.note(f"autoscale {fleet.name} begins")
    until = world.engine.now + told.for_ if told.for_ else world.ends_at + 1
    yield from Autoscaler(fleet, rules).work(until)
    if told.for_:
        world.note(f"autoscale {fleet.name} ends")


FLEET_SCRIPTS: dict[str, Callable[[Any, Any, Any], Script]] = {
    "deploy": _deploy, "rollback": _rollback, "release": _release, "scale": _scale, "autoscale": _autoscale,
}  # fmt: skip
