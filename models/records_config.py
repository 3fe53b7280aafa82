"""What a run records besides its requests and connections: configuration only."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsConfig:
    """Records that cost more than most runs want to pay."""

    watch: Annotated[int, Ge(0)] = 0
    """Sockets that a watcher of the kernel remembers; the summary tells then how its rule for half-open dials does
    (`detect.*`). 0 means that nobody watches; the article's map has 65536. Needs `sockets`."""
    sockets: bool = False
    """Every change of state of every socket, for exports as `tcpstates` and its like and for the detectors. The run is
    the same with it and without it."""

    def __post_init__(self) -> None:
        if self.watch and not self.sockets:
            raise ValueError("watch: nobody can watch sockets that are not recorded; set sockets to true as well")
