"""A Grafana dashboard of the metrics that a run exposes: a panel for each, with its query. Not what is exposed.

Source: Grafana's dashboard JSON model, schema 39; PromQL. Counters are shown per second, histograms as quantiles.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sim.records.exposition import Counter, Exposed, Gauge, Histogram

SCHEMA = 39
WIDTH, HEIGHT, PER_ROW = 12, 8, 2
"""Of a panel; the grid is 24 wide."""
QUANTILES = (0.5, 0.99)
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}

Panel = dict[str, Any]


def dashboard(exposed: Sequence[Exposed], *, title: str, window: tuple[datetime, datetime], step: float) -> Panel:
    """The whole dashboard; `window` is what it shows when it is opened, `step` (s) the time between two scrapes."""
    families: dict[str, list[Exposed]] = {}
    for one in exposed:
        families.setdefault(one.name, []).append(one)
    begin, end = (instant.isoformat(timespec="milliseconds").replace("+00:00", "Z") for instant in window)
    return {
        "title": title,
        "uid": "transport-sim",
        "schemaVersion": SCHEMA,
        "version": 1,
        "timezone": "utc",
        "time": {"from": begin, "to": end},
        "refresh": "",
        "templating": {"list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]},
        "panels": [_panel(i, family, step) for i, family in enumerate(families.values())],
    }


def queries(made: Panel) -> Iterator[tuple[str, str]]:
    """Title and query of every target of a dashboard."""
    for panel in made["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def rules(made: Panel) -> dict[str, Any]:
    """The queries as a rules file, which promtool checks; Grafana's variable stands for a minute there."""
    told = [expr.replace("$__rate_interval", "1m") for _, expr in queries(made)]
    return {"groups": [{"name": "d", "rules": [{"record": f"x{i}", "expr": expr} for i, expr in enumerate(told)]}]}


def _panel(number: int, family: Sequence[Exposed], step: float) -> Panel:
    one = family[0]
    targets = [
        {"refId": chr(ord("A") + i), "expr": expr, "legendFormat": legend, "interval": f"{step:g}s",
         "datasource": _SOURCE}
        for i, (expr, legend) in enumerate(_queries(one, _labels(family)))
    ]  # fmt: skip
    unit = "s" if isinstance(one, Histogram) else "ops" if isinstance(one, Counter) else "short"
    row, column = divmod(number, PER_ROW)
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": one.name,
        "description": one.help,
        "gridPos": {"x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "datasource": _SOURCE,
        "targets": targets,
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
    }


def _queries(one: Exposed, labels: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each query with its legend."""
    by = f" by ({', '.join(labels)})" if labels else ""
    legend = " ".join(f"{{{{{label}}}}}" for label in labels)
    if isinstance(one, Gauge):
        yield f"sum{by} ({one.name})", legend
    elif isinstance(one, Counter):
        yield f"sum{by} (rate({one.name}_total[$__rate_interval]))", legend
    else:
        buckets = f"sum by ({', '.join([*labels, 'le'])}) (rate({one.name}_bucket[$__rate_interval]))"
        for p in QUANTILES:
            yield f"histogram_quantile({p}, {buckets})", f"p{100 * p:g} {legend}".rstrip()


def _labels(family: Iterable[Exposed]) -> list[str]:
    """Those by which the series of a family differ, or may."""
    found: dict[str, None] = {}
    for one in family:
        if isinstance(one, Gauge):
            found |= dict.fromkeys(label for labels in (*one.series, *one.constants) for label, _ in labels)
        else:
            found |= dict.fromkeys([*(label for label, _ in one.labels), *one.by])
    return [*found]
