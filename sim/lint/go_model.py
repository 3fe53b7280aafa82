"""Go's literals as entities: Transports with their Dialers and Clients, Servers, Dialers, tls.Configs."""

from typing import Any

from sim.lint.go_text import Duration
from sim.lint.model import Field, Model
from sim.lint.pool import add_pool
from sim.lint.unit import duration
from sim.lint.vocabulary import GO_CLIENT, GO_DIALER, GO_SERVER, GO_TLS, GO_TRANSPORT, NEVER

_DURATIONS = {
    "IdleConnTimeout", "ResponseHeaderTimeout", "TLSHandshakeTimeout", "ExpectContinueTimeout", "Timeout", "KeepAlive",
    "ReadTimeout", "ReadHeaderTimeout", "WriteTimeout", "IdleTimeout", "FallbackDelay", "ReadIdleTimeout",
    "PingTimeout",
}  # fmt: skip
_DIALERS = ("DialContext", "Dial")


def read_go_literals(model: Model) -> None:
    """Every literal that the reader of Go found; fields assigned after a literal are not known."""
    literals = model.document.tree["literals"]
    for i, literal in enumerate(literals):
        for name, value in literal["fields"].items():
            if name in _DURATIONS and isinstance(value, int) and not isinstance(value, bool | Duration) and value:
                model.add(
                    "bare", ("literals", i, "fields", name), {"value": Field((), "any")}, number=value, field=name
                )
    for i, literal in enumerate(literals):
        path = ("literals", i)
        match literal["type"]:
            case "http.Transport":
                _transport(model, path, literal)
            case "http.Client":
                _forget(model.add("clients", path, GO_CLIENT, transport=_given(literal, "Transport")), literal)
            case "http.Server":
                _forget(model.add("servers", path, GO_SERVER), literal)
            case "net.Dialer":
                keep_alive = model.add("dialers", path, GO_DIALER)
                _forget(keep_alive, literal)
            case "tls.Config":
                _forget(model.add("tls", path, GO_TLS), literal)
            case _:
                continue
    _clients_timeouts(model, literals)


def _transport(model: Model, path: tuple[str | int, ...], literal: dict[str, Any]) -> None:
    fields = literal["fields"]
    pool = add_pool(
        model, path, GO_TRANSPORT, in_handler=literal["in_handler"], in_loop=literal["in_loop"],
        dial_timeout=_dialer(fields, "Timeout", NEVER), probe_after=_dialer(fields, "KeepAlive", duration(15_000)),
        custom_dial=any(name in fields for name in (*_DIALERS, "DialTLS", "DialTLSContext", "TLSClientConfig")),
    )  # fmt: skip
    _forget(pool, literal)
    if "MaxIdleConnsPerHost" in literal["assigned"] and not pool["written"]["max_idle_per_host"]:
        pool["idle_cap"] = None
    for dialer in _DIALERS:
        if isinstance(fields.get(dialer), dict):
            model.move("pools", "dial_timeout", (*path, "fields", dialer, "fields", "Timeout"))


def _dialer(fields: dict[str, Any], name: str, default: dict[str, Any]) -> Any:
    """A field of the Transport's Dialer; of a function of its own nobody knows."""
    given = [fields[one] for one in _DIALERS if one in fields]
    if not given:
        return dict(NEVER if name == "Timeout" else duration(15_000))
    if not isinstance(given[0], dict) or given[0].get("type") != "net.Dialer":
        return None
    dialer = given[0]
    if name in dialer["assigned"]:
        return None
    value = dialer["fields"].get(name, False)
    return dict(default) if value is False else _ms(value)


def _ms(value: Any) -> Any:
    return duration(value / 1e6) if isinstance(value, int) and not isinstance(value, bool) else None


def _given(literal: dict[str, Any], name: str) -> Any:
    if name in literal["assigned"]:
        return None
    return name in literal["fields"]


def _forget(entity: dict[str, Any], literal: dict[str, Any]) -> None:
    """What is assigned later under a field's name is not known from the literal."""
    go_names = {"max_idle": "MaxIdleConns", "max_idle_per_host": "MaxIdleConnsPerHost",
                "max_per_host": "MaxConnsPerHost",
                "idle_timeout": "IdleConnTimeout" if "max_idle" in entity else "IdleTimeout",
                "response_header_timeout": "ResponseHeaderTimeout", "tls_timeout": "TLSHandshakeTimeout",
                "disable_keep_alives": "DisableKeepAlives", "force_http2": "ForceAttemptHTTP2", "timeout": "Timeout",
                "read_header_timeout": "ReadHeaderTimeout", "read_timeout": "ReadTimeout",
                "min_version": "MinVersion", "insecure": "InsecureSkipVerify", "keep_alive": "KeepAlive"}  # fmt: skip
    for name, go_name in go_names.items():
        if name in entity and go_name in literal["assigned"] and not entity["written"].get(name):
            entity[name] = None
    if "TLSClientConfig" in literal["assigned"]:
        entity["insecure"] = None


def _clients_timeouts(model: Model, literals: list[Any]) -> None:
    """A Transport within a Client knows the Client's timeout."""
    spots = model.document.spots
    starts = {spots["literals", i].start: n for n, i in enumerate(_numbers(literals, "http.Transport"))}
    clients = list(_numbers(literals, "http.Client"))
    for n, i in enumerate(clients):
        inner = literals[i]["fields"].get("Transport")
        if isinstance(inner, dict):
            number = starts.get(spots["literals", i, "fields", "Transport"].start)
            number = number if number is not None else _after(starts, spots["literals", i, "fields", "Transport"].start)
            if number is not None:
                model.tree["pools"][number]["request_timeout"] = model.tree["clients"][n]["timeout"]


def _after(starts: dict[int, int], at: int) -> int | None:
    """`&http.Transport{}` begins a character before its literal."""
    return starts.get(at + 1)


def _numbers(literals: list[Any], kind: str) -> list[int]:
    return [i for i, literal in enumerate(literals) if literal["type"] == kind]
