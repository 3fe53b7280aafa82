"""Samples: which columns the levels make, as data: a sum of levels with weights, and a constant."""

from collections.abc import Mapping

from models.footprints import footprint_columns
from models.http3_of import speaks_http3
from models.kernel.host import state_series
from models.levels_of import levels_of_parts
from models.scenario import Scenario
from models.transport.buffers import LEVEL, PAGE_BYTES
from models.transport.goroutines import SERVER, client_goroutines, client_states
from models.tuned import buffer_levels

Weights = Mapping[str, int]
NEWEST = "1.27"
"""The version of Go whose goroutines are counted where there is no client of it."""


def sample_columns(scenario: Scenario, n_backends: int) -> dict[str, tuple[Weights, int]]:
    """Column name to (weights by level, constant), in the order of samples.csv of a recorded case."""
    version = min((client.go_version for client in scenario.clients.values()), default=NEWEST)
    same = (
        "inflight",
        "open_conns",
        "pool_idle",
        "pool_idle_wait",
        "conns_per_host",
        "conns_per_host_wait",
        *(name for side in "cs" for name in state_series(side)),
        *(f"c_estab_b{i}" for i in range(n_backends)),
    )
    has_http3 = speaks_http3(scenario)
    states = client_states(version, has_http3=has_http3)
    columns: dict[str, tuple[Weights, int]] = {"goroutines": (client_goroutines(version, has_http3=has_http3), 0)}
    columns["dialing"] = ({"resolving": 1, "connecting": 1, "handshaking": 1}, 0)
    columns |= {name: ({name: 1}, 0) for name in same}
    if buffer_levels(scenario):
        columns["buffer_kib"] = ({LEVEL: PAGE_BYTES // 1024}, 0)
    columns["srv_goroutines"] = (SERVER, n_backends)
    columns |= {name: ({name: 1}, 0) for name in levels_of_parts(scenario)}
    columns |= footprint_columns(scenario)
    columns |= {f"goroutines_{state}": (weights, 0) for state, weights in states.items()}
    return columns
