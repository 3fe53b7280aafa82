"""`sim lint --simulate`: findings about pools, with what a simulation of them shows."""

from collections.abc import Mapping, Sequence
from typing import Any

from sim import advice, wiring
from sim.cli.console import answer, progress
from sim.lint.effect import REPLICATIONS, effect_line, effect_of, pools_of, scenario_of
from sim.lint.finding import Finding
from sim.lint.source import read

MOST_POOLS = 5
"""Each takes some seconds."""


def _run(tree: Mapping[str, Any], replication: int) -> Mapping[str, float | int]:
    return wiring.run(wiring.load_tree(tree), replication=replication).summary


def print_effects(findings: Sequence[Finding], load: dict[str, float], as_kind: str) -> None:
    """For each pool that was found: as it is, and with as many idle connections as arithmetic asks for."""
    facts = advice.lint_facts(load)
    files = dict.fromkeys(one.file for one in findings if one.file != "stdin")
    left = MOST_POOLS
    for file in files:
        mine = [one for one in findings if one.file == file]
        for name, pool in pools_of(read(file), mine, as_kind=as_kind, facts=facts):
            if left == 0:
                answer(f"simulated the first {MOST_POOLS} pools; name fewer files for the others")
                return
            left -= 1
            _print_pool(f"{file}, pool {name}", pool, load)


def _print_pool(title: str, pool: dict[str, Any], load: dict[str, float]) -> None:
    rate = load["rate"] / max(load.get("hosts", 1.0), 1.0)
    answer(f"simulated, {title}: {REPLICATIONS} runs each, 95 % intervals")
    variants: list[tuple[str, int | None]] = [(f"as it is, {pool['idle_cap']} idle", None)]
    needed = int(pool["computed"]["idle_needed"]) + 1
    if pool["idle_cap"] < needed and not pool["disable_keep_alives"]:
        variants.append((f"with {needed} idle", needed))
    with progress("simulating") as show:
        effects = []
        for i, (label, cap) in enumerate(variants):
            show(i, len(variants))
            effects.append(effect_of(label, scenario_of(pool, load, cap), rate=rate, run=_run))
    for effect in effects:
        answer(f"  {effect.label}: {effect_line(effect)}")
