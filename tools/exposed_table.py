"""What a run exposes to monitoring systems: the table of its metrics, and the dashboard that is shipped."""

import json
from datetime import UTC, datetime, timedelta
from typing import cast

from models.exposition import exposed
from models.scenario import Scenario
from sim.export.grafana import dashboard
from sim.records.exposition import Counter, Exposed, Gauge, Spelling
from sim.wiring import load
from tools.markdown import code, table

_PLAIN = """
name: plain
clients: {gateway: {}}
services: {orders: {}}
workloads: {checkout: {client: gateway, service: orders, arrivals: {poisson: {rate: 1/s}}}}
"""
_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
"""That of exports, by default; whoever opens the dashboard moves it to the time of a run."""


def exposed_table(spelling: str) -> str:
    """Name, kind, labels and meaning of every metric in one of the spellings."""
    rows: dict[str, tuple[str, str, str]] = {}
    for one in exposed(_plain(), cast(Spelling, spelling)):
        name = one.name + ("_total" if isinstance(one, Counter) else "")
        kind = type(one).__name__.lower()
        before = rows.get(name, ("", "", ""))[0]
        labels = dict.fromkeys([*before.split(", "), *_labels(one)])
        rows[name] = ", ".join(label for label in labels if label), kind, one.help
    return table(
        ("metric", "kind", "labels", "what it is"),
        [
            (code(name), kind, ", ".join(code(label) for label in labels.split(", ") if label), told)
            for name, (labels, kind, told) in rows.items()
        ],
    )


def shipped_dashboard() -> str:
    """The dashboard of a plain scenario, whose metrics are those of all."""
    made = dashboard(exposed(_plain()), title="transport-sim", window=(_EPOCH, _EPOCH + timedelta(minutes=5)), step=1.0)
    return json.dumps(made, indent=2) + "\n"


def _plain() -> Scenario:
    return load(_PLAIN)


def _labels(one: Exposed) -> list[str]:
    if isinstance(one, Gauge):
        return [label for labels in (*one.series, *one.constants) for label, _ in labels]
    return [*(label for label, _ in one.labels), *one.by]
