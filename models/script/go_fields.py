"""Go's fields: what a literal of a Go struct says, as arguments of our configurations. Not what they mean."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import Field, fields
from difflib import get_close_matches
from typing import Any

from models.transport.config import ClientConfig, DialerConfig, Http2Config, TransportConfig
from sim.units import parse_duration

Fields = Mapping[str, object]
"""Fields of a Go struct in Go's spelling."""

STRUCTS: Mapping[str, type] = {
    "transport": TransportConfig, "transport.HTTP2": Http2Config, "client": ClientConfig, "dialer": DialerConfig
}  # fmt: skip
"""The parts of a case that are Go structs, and what reads them."""
GO_FIELDS: Mapping[str, tuple[str, ...]] = {
    "transport": (
        "Proxy", "TLSClientConfig", "TLSHandshakeTimeout", "DisableKeepAlives", "DisableCompression", "MaxIdleConns",
        "MaxIdleConnsPerHost", "MaxConnsPerHost", "IdleConnTimeout", "ResponseHeaderTimeout", "ExpectContinueTimeout",
        "MaxResponseHeaderBytes", "WriteBufferSize", "ReadBufferSize", "ForceAttemptHTTP2", "HTTP2", "Protocols",
    ),
    "transport.HTTP2": (
        "MaxConcurrentStreams", "StrictMaxConcurrentRequests", "MaxDecoderHeaderTableSize", "MaxEncoderHeaderTableSize",
        "MaxReadFrameSize", "MaxReceiveBufferPerConnection", "MaxReceiveBufferPerStream", "SendPingTimeout",
        "PingTimeout", "WriteByteTimeout", "PermitProhibitedCipherSuites", "CountError",
    ),
    "dialer": ("Timeout", "Deadline", "LocalAddr", "FallbackDelay", "KeepAlive"),
    "client": ("Timeout", "CheckRedirect", "Jar"),
}  # fmt: skip
"""The fields that those structs have (net/http/transport.go, net/http/client.go, net/dial.go)."""
WITHOUT_EFFECT = frozenset({
    "DisableCompression", "ReadBufferSize", "WriteBufferSize", "KeepAlive", "MaxDecoderHeaderTableSize",
    "MaxEncoderHeaderTableSize", "MaxReadFrameSize", "PermitProhibitedCipherSuites",
})  # fmt: skip
"""Fields that change nothing of what is seen of a script: header lines, buffers, probes after 15 idle seconds."""
_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


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
    ours = {each.name: each for each in fields(STRUCTS[part])}
    values = {}
    for name, value in written.items():
        if name not in GO_FIELDS[part]:
            near = get_close_matches(name, GO_FIELDS[part], 1, cutoff=0.5)
            raise ValueError(f"{part}.{name}: Go has no such field" + (f"; did you mean {near[0]}?" if near else ""))
        field = ours.get(snake(name))
        if field is not None:
            values[field.name] = _value(value, field, f"{part}.{name}")
        elif name not in WITHOUT_EFFECT:
            raise NotSimulated(f"the field {name} of {part}")
    return values


def _value(value: object, field: Field[Any], at: str) -> Any:
    """A duration as text with a unit and perhaps a sign; a number or a truth as it stands."""
    if isinstance(value, Mapping) and at in STRUCTS:
        return STRUCTS[at](**read_fields(value, at))
    is_flag = isinstance(field.default, bool)
    if is_flag != isinstance(value, bool):
        raise ValueError(
            f"{at}: {value} does not fit; write {'true or false' if is_flag else 'a number or a duration'}"
        )
    if isinstance(value, str):
        try:
            return (-1 if value.startswith("-") else 1) * parse_duration(value.removeprefix("-"))
        except ValueError as error:
            raise ValueError(f"{at}: {error}") from None
    if isinstance(value, Mapping):
        raise NotSimulated(f"the fields of {at}")
    if isinstance(value, int):
        return value
    raise ValueError(f"{at}: {value} does not fit; write a whole number or a duration")
