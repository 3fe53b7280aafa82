"""Column tables: what stands in the Parquet files of a run, from the tables, the levels and their meanings."""

from collections.abc import Iterator, Mapping

from models.columns import MEANINGS
from models.kernel.host import state_series
from models.samples import sample_columns
from models.scenario import Scenario
from models.tables import (
    BATCHES,
    BRIDGED,
    CERTIFICATES,
    HANDSHAKES,
    ITEMS,
    MESSAGES,
    PACKETS,
    RPCS,
    SESSIONS,
    SOCKETS,
    TABLES,
    TUNING,
)
from models.tuning.config import TunedClient
from sim.records.rows import Kind
from sim.units import InputError
from tools.markdown import code, table

_TYPES = {
    Kind.INSTANT: "s since the start",
    Kind.DURATION: "s",
    Kind.COUNT: "integer",
    Kind.FLAG: "true, false",
    Kind.LABEL: "text",
    Kind.NUMBER: "number",
}
_FEW = {
    "tuning": TUNING, "handshakes": HANDSHAKES, "certificates": CERTIFICATES, "rpcs": RPCS, "sessions": SESSIONS,
    "messages": MESSAGES, "bridged": BRIDGED, "packets": PACKETS, "items": ITEMS, "batches": BATCHES,
    "sockets": SOCKETS,
}  # fmt: skip
"""Tables that not every run has."""
_SIDES = {"c": "clients", "s": "servers"}


def column_table(name: str) -> str:
    """One table's columns: `requests`, `connections`, `events`, `samples`, or one of those that few runs have."""
    if name == "samples":
        return table(("column", "what it counts"), _samples())
    fields = _FEW.get(name) or TABLES[name]
    return table(
        ("column", "type", "what it is"), [(code(f.name), _TYPES[f.kind], _told(name, f.name)) for f in fields]
    )


def without_meaning() -> list[str]:
    """Columns that `models/columns.py` does not know, and words for columns that are not there."""
    columns = {name: {field.name for field in fields} for name, fields in (TABLES | _FEW).items()}
    columns["samples"] = {name for name, weights in _levels().items() if not _explained(name, weights)} | {"t"}
    unknown = [f"{name}.{one}" for name, known in columns.items() for one in known - MEANINGS[name].keys()]
    return sorted(
        unknown + [f"{name}.{one}" for name, known in columns.items() for one in MEANINGS[name].keys() - known]
    )


def _told(of: str, column: str) -> str:
    try:
        return MEANINGS[of][column]
    except KeyError:
        raise InputError(f"models/columns.py: {of}.{column} has no meaning; write what it is") from None


def _levels() -> dict[str, Mapping[str, int]]:
    """The columns of the samples of a plain scenario with their weights by level."""
    return {name: weights for name, (weights, _) in sample_columns(_PLAIN, 1).items()}


def _samples() -> Iterator[tuple[str, str]]:
    yield code("t"), _told("samples", "t")
    for name, weights in _levels().items():
        yield code(name), _explained(name, weights) or _told("samples", name)


def _explained(name: str, weights: Mapping[str, int]) -> str:
    """What a name or a formula says by itself."""
    side, _, state = name.partition("_")
    if side in _SIDES and name in state_series(side):
        return f"sockets of the {_SIDES[side]} in {'ESTABLISHED' if state == 'estab' else state.upper()}"
    if name.startswith("c_estab_b"):
        return "connections of the clients to backend 0; one column per backend"
    if "goroutines" in name:
        return _sum(weights) + (
            ", and one per listener" if name.startswith("srv") else f" (Go {TunedClient().go_version})"
        )
    return ""


def _sum(weights: Mapping[str, int]) -> str:
    """The formula: signs between the terms, and what weighs nothing left out."""
    terms = [(" - " if weight < 0 else " + ", abs(weight), level) for level, weight in weights.items() if weight]
    text = "".join(f"{sign}{'' if weight == 1 else f'{weight} '}{code(level)}" for sign, weight, level in terms)
    return text.removeprefix(" + ").removeprefix(" ")


_PLAIN = Scenario(clients={"plain": TunedClient()})
