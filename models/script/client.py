"""ClientConfig of a case: a literal Transport in a Client on a machine whose CPU costs nothing."""

from dataclasses import fields
from typing import Any, get_args, get_type_hints

from models.kernel.sysctl import KernelConfig
from models.script.case import Case
from models.script.go_fields import NotSimulated, read_fields
from models.transport.config import ClientConfig, DialerConfig, TransportConfig

ZERO_TRANSPORT = TransportConfig(**TransportConfig.__fill__({"preset": "zero_transport"}))
"""&http.Transport{}."""
ZERO_DIALER = DialerConfig(timeout=0)
"""net.Dialer{}."""


def client_config(case: Case, go_version: str) -> ClientConfig:
    """The client of `case`, built with a Go version such as 1.27.3: minor versions are what is told apart.

    Raises
    ------
    NotSimulated
        Where the version or a field is not.
    """
    version = ".".join(go_version.split(".")[:2])
    if version not in get_args(get_type_hints(ClientConfig)["go_version"]):
        raise NotSimulated(f"Go {go_version}")
    written = read_fields(case.transport, "transport")
    speaks_http2 = any(listener.is_http2 for listener in case.server.values())
    return ClientConfig(
        transport=_with(ZERO_TRANSPORT, {"force_attempt_http2": speaks_http2, **written}),
        dialer=_with(ZERO_DIALER, read_fields(case.dialer, "dialer")),
        kernel=KernelConfig(connect_scan_cost=0),
        overhead=0,
        go_version=version,  # type: ignore[arg-type]  # it is one of them
        **read_fields(case.client, "client"),
    )


def _with(default: Any, values: dict[str, Any]) -> Any:
    return type(default)(**{each.name: getattr(default, each.name) for each in fields(default)} | values)
