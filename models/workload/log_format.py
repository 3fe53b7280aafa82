"""Access-log formats: one line of text to a time stamp and a response time.

It reads no files and orders nothing: see `access_log`.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Literal, NamedTuple

from sim.units import HOUR, MS, NS, SECOND, US

UNIT_NS: Mapping[str, int] = MappingProxyType({"s": SECOND, "ms": MS, "us": US, "ns": NS})
LONGEST = 24 * HOUR
"""A longer response time is taken for a wrong unit."""
LATEST = 4_102_444_800 * SECOND
"""1 January 2100: later stamps are taken for a wrong unit."""
EPOCH_MS_FROM = 10**11
"""A bare number as time stamp counts seconds below this and milliseconds from it on (3 March 1973 in ms)."""

Unit = Literal["s", "ms", "us", "ns"]


class Entry(NamedTuple):
    """What a line says: its time stamp (ns since 1970) and its response time (ns), 0 where the format has none."""

    stamp: int
    duration: int


class JsonKeys(NamedTuple):
    """Where a JSON line keeps its stamp and its response time."""

    time: str
    duration: str
    unit: Unit


Parser = Callable[[str], Entry]
"""Reads one line; raises ValueError with the reason."""

_QUOTED = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_CLF_TIME = r"\[([^\]]*)\]"
_COMBINED = re.compile(rf"\S+ \S+ [^\[]*{_CLF_TIME} {_QUOTED} \d{{3}} (?:\d+|-)(?: {_QUOTED} {_QUOTED}(.*))?")
"""nginx, ngx_http_log_module, log_format combined; Apache, mod_log_config, "combined" (and "common")."""
_REQUEST_TIME = re.compile(r'(?:^|\s)(?:(?:rt|request_time)=)?"?(\d+\.\d+|-)"?(?=\s|$)')
_MSEC = re.compile(r'(?:^|\s)msec="?(\d+\.\d{3})"?(?=\s|$)')
_ENVOY = re.compile(rf"\[([^\]]*)\] {_QUOTED} \d+ \S+ \d+ \d+ (\S+)")
"""Envoy, "Default Format String": START_TIME, request, code, flags, bytes received, bytes sent, DURATION."""
_CLF_STAMP = re.compile(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}")
_ISO_STAMP = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d+))? ?(Z|[+-]\d\d:?\d\d)?")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NO_STAMP = "no [time stamp] and quoted request where the format has them"


def combined(line: str) -> Entry:
    """Read NCSA combined (or common): 127.0.0.1 - - [23/Nov/2026:23:31:48 +0000] "GET / HTTP/1.1" 200 2 "-" "-"."""
    match = _COMBINED.match(line)
    if not match:
        raise ValueError(_NO_STAMP)
    return Entry(_clf_seconds(match[1]) * SECOND, 0)


def nginx_timed(line: str) -> Entry:
    """Read combined followed by $request_time, bare or as rt=0.123; a msec=$msec makes the stamp finer."""
    match = _COMBINED.match(line)
    if not match:
        raise ValueError(_NO_STAMP)
    tail = match[2] or ""
    request_time, msec = _REQUEST_TIME.search(tail), _MSEC.search(tail)
    if not request_time or request_time[1] == "-":
        raise ValueError("no request time after the user agent")
    stamp = _duration(msec[1], SECOND, LATEST) if msec else _clf_seconds(match[1]) * SECOND
    return Entry(stamp, _duration(request_time[1], SECOND))


def envoy(line: str) -> Entry:
    """Read Envoy's default text format; DURATION is in ms, the stamp is the request's start."""
    match = _ENVOY.match(line)
    if not match:
        raise ValueError(_NO_STAMP)
    return Entry(_iso_ns(match[1]), _duration(match[2], MS))


def json_line(line: str, keys: JsonKeys) -> Entry:
    """Read one JSON object; the stamp is ISO 8601 or seconds or milliseconds since 1970."""
    try:
        row = json.loads(line, parse_float=str)
    except (ValueError, RecursionError):
        raise ValueError("not a JSON object") from None
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")
    for key in (keys.time, keys.duration):
        if row.get(key) is None:
            raise ValueError(f"no key {key} among {', '.join(row)[:80]}")
    return Entry(_any_stamp(str(row[keys.time])), _duration(str(row[keys.duration]), UNIT_NS[keys.unit]))


def recognise(line: str) -> str:
    """Name the format that a log's line is most likely written in."""
    if line.startswith("{"):
        return "json"
    if line.startswith("["):
        return "envoy"
    match = _COMBINED.match(line)
    return "nginx_timed" if match and _REQUEST_TIME.search(match[2] or "") else "combined"


def parser_of(name: str, keys: JsonKeys) -> Parser:
    """Return the function that reads a line of the format `name`."""
    if name == "json":
        return partial(json_line, keys=keys)
    return {"combined": combined, "nginx_timed": nginx_timed, "envoy": envoy}[name]


def _any_stamp(text: str) -> int:
    if _ISO_STAMP.fullmatch(text):
        return _iso_ns(text)
    try:
        unit = SECOND if Decimal(text) < EPOCH_MS_FROM else MS
    except InvalidOperation:
        raise ValueError(f"{text[:40]} is not a time stamp") from None
    return _duration(text, unit, LATEST)


@lru_cache(maxsize=1 << 16)
def _duration(text: str, unit_ns: int, largest: int = LONGEST) -> int:
    try:
        number = Decimal(text) * unit_ns
    except InvalidOperation:
        raise ValueError(f"{text[:40]} is not a number") from None
    if not number.is_finite():
        raise ValueError(f"{text} is not a finite number")
    if not 0 <= number <= largest:
        raise ValueError(f"{text[:40]} lies {'below 0' if number < 0 else 'beyond 24 hours or the year 2100'}")
    return round(number)


def _iso_ns(text: str) -> int:
    match = _ISO_STAMP.fullmatch(text)
    if not match:
        raise ValueError(f"{text[:40]} is not a time stamp")
    day, clock, fraction, offset = match.groups()
    return _iso_seconds(day, clock, offset or "Z") * SECOND + int((fraction or "0")[:9].ljust(9, "0"))


@lru_cache(maxsize=4096)
def _iso_seconds(day: str, clock: str, offset: str) -> int:
    moment = datetime.fromisoformat(f"{day}T{clock}+00:00")
    return _since_1970(moment) - _offset_seconds(offset)


@lru_cache(maxsize=4096)
def _clf_seconds(text: str) -> int:
    if not _CLF_STAMP.fullmatch(text) or text[3:6] not in _MONTHS:
        raise ValueError(f"{text[:40]} is not a time stamp")
    # month names by a table: strptime's depend on the locale
    year, month, day = int(text[7:11]), _MONTHS.index(text[3:6]) + 1, int(text[:2])
    moment = datetime(year, month, day, int(text[12:14]), int(text[15:17]), int(text[18:20]), tzinfo=UTC)
    return _since_1970(moment) - _offset_seconds(text[21:])


def _offset_seconds(text: str) -> int:
    if text == "Z":
        return 0
    digits = text[1:].replace(":", "")
    ahead = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -ahead if text[0] == "-" else ahead


def _since_1970(moment: datetime) -> int:
    seconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    if seconds < 0:
        raise ValueError(f"{moment:%Y-%m-%d} lies before 1970")
    return seconds
