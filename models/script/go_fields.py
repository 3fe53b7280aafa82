"""Go's fields: what a literal of a Go struct says, as arguments of our configurations. Not what they mean."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields
from difflib import get_close_matches
from typing import Any

from models.transport.config import ClientConfig, DialerConfig, TransportConfig
from sim.units import parse_duration

Fields = Mapping[str, object]
"""Fields of a Go struct in Go's spelling."""

STRUCTS: Mapping[str, type] = {"transport": TransportConfig, "client": ClientConfig, "dialer": DialerConfig}
"""The parts of a case that are Go structs, and what reads them."""
NOT_GO = frozenset({
    "preset", "transport", "dialer", "kernel", "tls", "instances", "overhead", "close_race", "go_version"
})  # fmt: skip
"""Fields of our configurations that those structs do not have."""
GO_ONLY: Mapping[str, tuple[str, ...]] = {
    "transport": (
        "Proxy", "TLSClientConfig", "DisableCompression", "ExpectContinueTimeout", "MaxResponseHeaderBytes",
        "WriteBufferSize", "ReadBufferSize", "ForceAttemptHTTP2", "HTTP2", "Protocols",
    ),
    "dialer": ("FallbackDelay", "KeepAlive", "LocalAddr", "Deadline"),
    "client": ("CheckRedirect", "Jar"),
}  # fmt: skip
"""Fields that Go has; those of them that ours lack are not simulated."""
_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_GO_NAMES = {
    "transport": ("TLSHandshakeTimeout", "MaxIdleConns", "MaxIdleConnsPerHost", "MaxConnsPerHost", "IdleConnTimeout",
                  "ResponseHeaderTimeout", "DisableKeepAlives"),
    "dialer": ("Timeout",),
    "client": ("Timeout",),
}  # fmt: skip


class NotSimulated(Exception):
    """A case asks for what the models do not have; the text says what."""


def snake(go_name: str) -> str:
    """Go's spelling of a field in ours: TLSHandshakeTimeout is tls_handshake_timeout."""
    return _WORD_STARTS.sub("_", go_name).lower()


def check_fields(written: Fields, part: str) -> None:
    """Raise the ValueError of `read_fields`, if any."""
    for name, value in written.items():
        with suppress(NotSimulated):
            read_fields({name: value}, part)


def read_fields(written: Fields, part: str) -> dict[str, Any]:
    """The fields of one Go struct as arguments of our configuration.

    Raises
    ------
    ValueError
        "transport.Field: what is wrong", where Go has no such field or the value does not fit.
    NotSimulated
        Where Go has the field and the models do not.
    """
    ours = {each.name: each for each in fields(STRUCTS[part]) if each.name not in NOT_GO}
    values = {}
    for name, value in written.items():
        field = ours.get(snake(name))
        if field is None and name in GO_ONLY[part]:
            raise NotSimulated(f"the field {name} of {part}")
        if field is None:
            near = get_close_matches(name, GO_ONLY[part] + _GO_NAMES[part], 1, cutoff=0.5)
            raise ValueError(f"{part}.{name}: Go has no such field" + (f"; did you mean {near[0]}?" if near else ""))
        values[field.name] = _value(value, isinstance(field.default, bool), f"{part}.{name}")
    return values


def _value(value: object, is_flag: bool, at: str) -> Any:
    """A duration as text with a unit and perhaps a sign; a number or a truth as it stands."""
    if is_flag != isinstance(value, bool):
        raise ValueError(
            f"{at}: {value} does not fit; write {'true or false' if is_flag else 'a number or a duration'}"
        )
    if isinstance(value, str):
        try:
            return (-1 if value.startswith("-") else 1) * parse_duration(value.removeprefix("-"))
        except ValueError as error:
            raise ValueError(f"{at}: {error}") from None
    if isinstance(value, int):
        return value
    raise ValueError(f"{at}: {value} does not fit; write a number or a duration")
