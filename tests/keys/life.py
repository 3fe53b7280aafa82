"""Cases of the keys of the life of backends: their start, their probes, their versions, and what is done to them."""

from collections.abc import Iterator

from tests.keys.case import CHURN, SECOND_SERVICE, Case, change
from tests.keys.delays import DELAYS
from tests.keys.programs import PROGRAMS

MANY = ("S.resolve=each", "S.backends=4", "A={poisson: {rate: 200/s}}", "duration=4s")
SOME = (*MANY, "S.ready=2")
VERSION = "S.versions={v2: {service_time: 60ms}}"
TWO = (SECOND_SERVICE, "services.b.backends=4", "services.b.ready=2", "services.b.resolve=each", "W.service=''",
       "W.services=[a, b]", "services.b.versions={v2: {service_time: 9ms}}")  # fmt: skip
CRASH = "timeline=[{at: 1s, crash: {backend: 0}}]"
DRAIN = "timeline=[{at: 1s, drain: {backend: 0}}]"
STANDS = "timeline=[{at: 1s, pause: {backend: 0, for: 2s}}]"
PROBE = {"period": "200ms", "timeout": "100ms", "failures": "2", "initial_delay": "0s"}
OTHER_PROBE = {"period": "500ms", "timeout": "190ms", "failures": "4", "initial_delay": "700ms"}


def event(kind: str, **told: str) -> str:
    """One event at half a second."""
    return f"timeline=[{{at: 500ms, {kind}: {{{', '.join(f'{key}: {value}' for key, value in told.items())}}}}}]"


def _varied(kind: str, plain: dict[str, str], others: dict[str, str], *given: str) -> Iterator[tuple[str, Case]]:
    """A case for each of `others`, which changes that key alone."""
    for key, value in others.items():
        yield (
            f"timeline.[].{kind}.{key}",
            change(event(kind, **{**plain, key: value}), *given, event(kind, **plain)),
        )


def _probes() -> Iterator[tuple[str, Case]]:
    for name, met in (("readiness", STANDS), ("liveness", STANDS)):
        for key, value in OTHER_PROBE.items():
            told, given = {**PROBE, key: value}, (CRASH if key == "initial_delay" else met, *MANY, "S.startup=500ms")
            plain = "S.{}={{{}}}".format(name, ", ".join(f"{k}: {v}" for k, v in PROBE.items()))
            other = "S.{}={{{}}}".format(name, ", ".join(f"{k}: {v}" for k, v in told.items()))
            yield f"services.*.{name}.{key}", change(other, *given, plain)


def _versions() -> Iterator[tuple[str, Case]]:
    deploy = event("deploy", version="v2")
    for key, value in (
        ("overhead", "30ms"), ("workers", "1"), ("queue", "1"), ("response_size", "100kB"), ("panics", "0.5"),
    ):  # fmt: skip
        plain = "S.versions={v2: {service_time: 60ms}}"
        other = f"S.versions={{v2: {{service_time: 60ms, {key}: {value}}}}}"
        yield f"services.*.versions.*.{key}", change(other, *SOME, "S.workers=2", deploy, plain)


def _of_versions() -> Iterator[tuple[str, Case]]:
    """The cases of programs, in a version that is deployed at the start."""
    for key, case in {**PROGRAMS, **DELAYS}.items():
        if key.startswith("services.*.program."):
            given, changed = (tuple(map(_in_version, lines)) for lines in (case.given, case.changed))
            yield _in_version(key), Case(("timeline=[{at: 0s, deploy: {version: v2}}]", *given), changed)


def _in_version(line: str) -> str:
    return line.replace("services.*.program", "services.*.versions.*.program").replace(
        "services.a.program", "services.a.versions.v2.program"
    )


DEPLOY = {"service": "a", "version": "v2", "max_surge": "0.25", "max_unavailable": "0.25"}
OTHER_DEPLOY = {"service": "b", "version": "base", "max_surge": "1.0", "max_unavailable": "1.0"}
AUTOSCALE = {
    "service": "a", "metric": "requests", "target": "0.5", "min": "1", "max": "3", "interval": "300ms",
    "window": "300ms",
    "lag": "100ms", "tolerance": "0.1", "stabilisation": "300ms", "for": "0s",
}  # fmt: skip
OTHER_AUTOSCALE = {
    "service": "b", "metric": "workers", "target": "9", "min": "2", "max": "4", "interval": "700ms", "window": "2s",
    "lag": "900ms", "stabilisation": "10s", "for": "1s",
}  # fmt: skip
FALLING = "A={curve: {shape: step, points: [{at: 0s, rate: 300/s}, {at: 2s, rate: 9/s}]}}"
CHAOS = {"service": "a", "backend": "any", "every": "300ms", "for": "200ms", "kinds": "{pause: 1}", "rounds": "0"}
STEPS = "[{weight: 0.1}, {after: 1s, weight: 0.5}]"
RELEASE = {"service": "a", "version": "v2", "backends": "1", "steps": STEPS}

BACK = (
    "timeline=[{at: 0s, deploy: {service: a, version: v2}}, {at: 0s, deploy: {service: b, version: v2}},"
    " {at: 2s, rollback: {service: a}}]"
)

LIFE: dict[str, Case] = {
    "services.*.ready": change("S.ready=3", *SOME),
    "services.*.zones.[]": change("S.zones=[x, y]", *MANY, "S.zones=[y, x]", event("zone_loss", zone="x")),
    "services.*.termination.pre_stop": change("S.termination={pre_stop: 700ms}", DRAIN, *MANY, CHURN),
    "services.*.termination.grace": change("S.termination={grace: 100ms}", DRAIN, *MANY, "S.service_time=900ms"),
    **dict(_probes()),
    **dict(_versions()),
    **dict(_of_versions()),
    **dict(_varied("crash", {"service": "a", "backend": "0"}, {"service": "b", "backend": "1"}, *MANY, *TWO,
                   "S.startup=300ms", "services.b.startup=300ms")),
    **dict(_varied("flush", {"service": "a", "backend": "0"}, {"service": "b", "backend": "1"}, *MANY, *TWO,
                   "S.program={cache: {keys: 9}}", "services.b.program={cache: {keys: 9}}")),
    **dict(_varied("zone_loss", {"zone": "x", "service": "a", "for": "1s", "detection": "400ms"},
                   {"zone": "y", "service": "b", "for": "2s", "detection": "700ms"}, *MANY, *TWO, "S.zones=[x, y]",
                   "services.b.zones=[y, x]")),
    **dict(_varied("deploy", DEPLOY, OTHER_DEPLOY, *SOME, *TWO, VERSION, "S.startup=300ms", "S.ready=4",
                   "S.backends=6")),
    **dict(_varied("scale", {"service": "a", "to": "4"}, {"service": "b", "to": "1"}, *SOME, *TWO)),
    **dict(_varied("autoscale", AUTOSCALE, OTHER_AUTOSCALE, *SOME, *TWO, FALLING, "S.workers=9",
                   "services.b.workers=9")),
    **dict(_varied("autoscale", {**AUTOSCALE, "target": "1"}, {"tolerance": "0.9"}, *SOME, *TWO, FALLING)),
    **dict(_varied("chaos", CHAOS, {"service": "b", "backend": "1", "rounds": "1"}, *MANY, *TWO)),
    "timeline.[].chaos.kinds.*": change(event("chaos", **{**CHAOS, "kinds": "{pause: 0.1, die: 0.9}"}), *MANY,
                                        event("chaos", **{**CHAOS, "kinds": "{pause: 0.9, die: 0.1}"})),
    **dict(_varied("release", RELEASE, {"service": "b", "version": "base", "backends": "2"}, *SOME, *TWO, VERSION)),
    "timeline.[].release.steps.[].after": change(
        event("release", **{**RELEASE, "steps": STEPS.replace("1s", "2s")}), *SOME, VERSION, event("release", **RELEASE)
    ),
    "timeline.[].release.steps.[].weight": change(
        event("release", **{**RELEASE, "steps": STEPS.replace("0.5", "0.9")}), *SOME, VERSION,
        event("release", **RELEASE),
    ),
    **{
        f"timeline.[].rollback.{key}": change(
            BACK.replace("rollback: {service: a", told), *SOME, *TWO, VERSION, "S.startup=300ms", "S.backends=8",
            "S.ready=4", BACK,
        )
        for key, told in (
            ("service", "rollback: {service: b"),
            ("max_surge", "rollback: {service: a, max_surge: 1.0"),
            ("max_unavailable", "rollback: {service: a, max_unavailable: 1.0"),
        )
    },
}  # fmt: skip
