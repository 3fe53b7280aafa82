"""Units in which configurations write numbers, read and written: inverse of each other where a value is known.

A duration becomes {ms, text}, as the article's rules expect it; what nobody can read becomes None.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from sim.lint.go_text import Duration
from sim.units import format_duration, parse_signed_duration

_PROTO = re.compile(r"-?\d+(?:\.\d+)?s")
_NGINX = re.compile(r"(?:\d+(?:ms|[smhdwMy])?)(?:\s*\d+(?:ms|[smhdw]))*")
_NGINX_PART = re.compile(r"(\d+)(ms|[smhdwMy]?)")
_NGINX_MS = {"": 1000, "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
             "M": 2_592_000_000, "y": 31_536_000_000}  # fmt: skip


_LONGEST = 40
"""Characters of a duration; a longer number is none."""


class Unit(NamedTuple):
    """How a value is read, and how a number (ms of durations) is written."""

    read: Callable[[Any], Any]
    write: Callable[[Any], str]


def duration(ms: float, text: str | None = None) -> dict[str, Any]:
    """A duration as rules see it."""
    return {"ms": float(ms), "text": _words(ms) if text is None else text}


def _words(ms: float) -> str:
    if not abs(ms) < 1e12:
        return f"{ms:g}ms"
    ns = round(ms * 1e6)
    return f"-{format_duration(-ns)}" if ns < 0 else format_duration(ns)


def _go_text(value: Any) -> Any:
    if isinstance(value, str) and len(value) <= _LONGEST:
        try:
            return duration(parse_signed_duration(value) / 1e6, value)
        except ValueError:
            return None
    return duration(0, "0") if value == 0 and not isinstance(value, bool) else None


def _proto(value: Any) -> Any:
    if isinstance(value, str) and len(value) <= _LONGEST and _PROTO.fullmatch(value):
        return duration(float(value[:-1]) * 1000, value)
    if isinstance(value, dict) and set(value) <= {"seconds", "nanos"} and value:
        try:
            return duration(float(value.get("seconds", 0)) * 1000 + float(value.get("nanos", 0)) / 1e6)
        except (TypeError, ValueError):
            return None
    return None


def _go_value(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    bare = not isinstance(value, Duration)
    return {**duration(value / 1e6), "is_bare": bare and value != 0, "number": int(value)}


def _go_write(ms: Any) -> str:
    for unit, size in (("Hour", 3_600_000), ("Minute", 60_000), ("Second", 1000), ("Millisecond", 1)):
        if ms and ms % size == 0:
            return f"{round(ms / size)} * time.{unit}"
    return f"{round(ms * 1e6)} * time.Nanosecond"


def _traefik(value: Any) -> Any:
    """Traefik's own: a bare number counts seconds (paerser, types.Duration)."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return duration(value * 1000) if is_number else _go_text(value)


def _nginx(value: Any) -> Any:
    if not isinstance(value, str) or len(value) > _LONGEST or not _NGINX.fullmatch(value):
        return None
    return duration(sum(int(n) * _NGINX_MS[unit] for n, unit in _NGINX_PART.findall(value)), value)


def _number_of(ms_each: float) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return duration(value * ms_each, f"{value:g}") if is_number else None

    return read


def _article(value: Any) -> Any:
    """The article's durations: {ms} or a text; a null that stands there means none."""
    if value is None:
        return duration(0, "never")
    ms = value.get("ms") if isinstance(value, dict) else None
    if isinstance(ms, int | float) and not isinstance(ms, bool):
        return duration(ms)
    return _go_text(value)


def _count(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,15}", value):
        return int(value)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _double(value: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None


def _flag(value: Any) -> Any:
    return (
        value if isinstance(value, bool) else {"on": True, "off": False, "true": True, "false": False}.get(str(value))
    )


def _text(value: Any) -> Any:
    return value if isinstance(value, str) else None


def _whole(value: Any) -> str:
    return str(round(value))


def _flag_text(value: Any) -> str:
    return "true" if value else "false"


def _seconds(ms: float) -> str:
    return f"{ms / 1000:g}s"


UNITS = {
    "count": Unit(_count, _whole),
    "double": Unit(_double, lambda value: f"{value:g}"),
    "flag": Unit(_flag, _flag_text),
    "on_off": Unit(_flag, lambda value: "on" if value else "off"),
    "text": Unit(_text, str),
    "any": Unit(lambda value: value, str),
    "proto": Unit(_proto, _seconds),
    "go_text": Unit(_go_text, _words),
    "go_value": Unit(_go_value, _go_write),
    "article": Unit(_article, _words),
    "traefik": Unit(_traefik, _words),
    "nginx": Unit(_nginx, lambda ms: f"{ms / 1000:g}s" if ms % 1000 == 0 else f"{ms:g}ms"),
    "ms_number": Unit(_number_of(1), _whole),
    "s_number": Unit(_number_of(1000), lambda ms: _whole(ms / 1000)),
}
