"""Replay tables: what a recorded client did, three times, beside what a simulated one does with the same arrivals.

The recorded figures stand in the page, as `metric=low..high`; the simulated ones are computed here.
"""

from pathlib import Path

from sim import wiring
from tools.markdown import code, table

ROOT = Path(__file__).resolve().parents[1]
SEED = 1


def replay_table(argument: str) -> str:
    """`FILE metric=low..high ...` as a table; a metric's spaces are written `_`."""
    file, *recorded = argument.split()
    summary = wiring.run(wiring.load(ROOT / file), SEED).summary
    rows = [_row(one, summary) for one in recorded]
    return table(("quantity", "recorded", f"simulated, seed {SEED}", "beyond the recorded"), rows)


def _row(written: str, summary: dict[str, float | int]) -> tuple[str, str, str, str]:
    name, _, bounds = written.partition("=")
    metric = name if name in summary else name.replace("_", " ")
    low, high = (float(bound) for bound in bounds.split(".."))
    found = float(summary[metric])
    beyond = max(low - found, found - high, 0.0) / max(abs(high), 1e-12)
    recorded = _shown(low) if low == high else f"{_shown(low)} to {_shown(high)}"
    return code(metric), recorded, _shown(found), f"{beyond:.1%}" if beyond else "–"


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:.4g}"
