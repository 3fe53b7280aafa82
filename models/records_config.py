"""What a run records besides its requests and connections: configuration only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsConfig:
    """Records that cost more than most runs want to pay."""

    sockets: bool = False
    """Every change of state of every socket, for `sim export --format tcpstates` and its like and for `sim detect`. The
    run is the same with it and without it."""
