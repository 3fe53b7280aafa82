"""The project's own scenarios as entities: each client's pool with the load that the scenario itself puts on it."""

from sim.lint.model import Field, Model
from sim.lint.pool import add_pool
from sim.lint.unit import duration
from sim.lint.vocabulary import SCENARIO_POOL


def read_scenario(model: Model) -> None:
    """Clients, and the scenario as a whole."""
    tree = model.document.tree
    clients = tree.get("clients")
    for name, client in clients.items() if isinstance(clients, dict) else ():
        transport = client.get("transport") if isinstance(client, dict) else None
        is_zero = isinstance(transport, dict) and transport.get("preset") == "zero_transport"
        fields = {**SCENARIO_POOL}
        if is_zero:
            for key in ("idle_timeout", "tls_timeout", "dial_timeout"):
                fields[key] = Field(fields[key].keys, "go_text", duration(0, "never"))
            fields["max_idle"] = Field(fields["max_idle"].keys, "count", 0)
        if isinstance(client, dict) or client is None:
            add_pool(model, ("clients", name), fields, label=name)
    model.add("scenario", (), {"duration": Field(("duration",), "go_text", None)}, longest_idle=_longest_idle(model))


def _longest_idle(model: Model) -> float | None:
    known = [
        pool["idle_timeout"]["ms"]
        for pool in model.tree.get("pools", [])
        if pool["idle_timeout"] and pool["written"]["idle_timeout"]
    ]
    return max(known, default=None)
