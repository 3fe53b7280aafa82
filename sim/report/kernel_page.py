"""The part of the validation's page about a kernel: how close it is, what is out or not compared, and tolerances."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from sim.records.disk import write_whole
from sim.validation.differences import Difference, why
from sim.validation.measurements import Reproduced, Row

PAGE = "kernel.md"
MOST_NAMES = 2


def write_kernel_page(
    judged: Sequence[Reproduced], differences: Sequence[Difference], out: Path, *, kernel: str
) -> Path:
    """Write the page about a kernel, called as its file has it, below `out`; its path.

    Raises
    ------
    DiskError
        The disk refused.
    """
    page = out / PAGE
    write_whole(page, ("\n".join(kernel_page(judged, differences, kernel)) + "\n").encode())
    return page


def kernel_page(judged: Sequence[Reproduced], differences: Sequence[Difference], kernel: str) -> Iterator[str]:
    """Its lines."""
    rows = [row for one in judged for row in one.compared]
    n_ok = sum(bool(row.ok) for row in rows)
    share = f"{n_ok / len(rows):.1%}" if rows else "none"
    yield "## The kernel by itself\n"
    yield f"{n_ok:,} of {len(rows):,} quantities ({share}) of {len(judged)} measurements are within tolerance."
    yield f"They were taken of {kernel}, with programs that only connect, read and close,"
    yield "and are played again by the kernel model without Go's Transport: `sim validate --kernel`. The tolerance of a"
    yield "quantity is what its measurement states, except for those listed at the end.\n"
    yield "| measurement | what | within | of | not compared |"
    yield "|---|---|---:|---:|---:|"
    for one in judged:
        within, of = sum(bool(row.ok) for row in one.compared), len(one.compared)
        yield f"| {one.case} | {_escaped(one.title)} | {within} | {of} | {len(one.rows) - of} |"
    yield "\n### What is out of tolerance there, and why\n"
    yield from _outside(judged, differences)
    yield "### What is not compared, and why\n"
    yield from _left_out(judged)
    yield "\n### Tolerances that are not the measurement's own, and why\n"
    yield from unstated_tolerances(judged)


def _outside(judged: Sequence[Reproduced], differences: Sequence[Difference]) -> Iterator[str]:
    """A paragraph and a table for each reason, the unknown last."""
    found = [
        (why(differences, one.case, row.quantity), one.case, row)
        for one in judged
        for row in one.compared
        if not row.ok
    ]
    if not found:
        yield "Nothing is.\n"
    for reason, rows in groupby(sorted(found, key=lambda each: (not each[0], each[0])), key=lambda each: each[0]):
        yield f"{reason or 'Not looked into yet:'}\n"
        yield "| measurement | quantity | measured | simulated | tolerance |"
        yield "|---|---|---|---|---|"
        yield from (_row(case, row) for _, case, row in rows)
        yield ""


def _row(case: str, row: Row) -> str:
    _, measured, simulated, tolerance, _ = row.words()
    return f"| {case} | `{row.quantity}` | {measured} | {simulated} | {tolerance} |"


def _left_out(judged: Sequence[Reproduced]) -> Iterator[str]:
    """A line for each measurement and reason."""
    yield "| measurement | quantities | because |"
    yield "|---|---|---|"
    for one in judged:
        reasons: dict[str, list[str]] = {}
        for row in one.rows:
            if row.ok is None:
                reasons.setdefault(row.reason, []).append(f"`{row.quantity}`")
        for reason, names in reasons.items():
            yield f"| {one.case} | {', '.join(names)} | {_escaped(reason)} |"


def unstated_tolerances(judged: Sequence[Reproduced]) -> Iterator[str]:
    """A line for each measurement and reason: what it states, and what is used."""
    yield "| measurement | quantities | stated | used | because |"
    yield "|---|---|---|---|---|"
    for one in judged:
        reasons: dict[str, list[Row]] = {}
        for row in one.rows:
            if row.unstated:
                reasons.setdefault(row.unstated, []).append(row)
        for reason, rows in reasons.items():
            names = ", ".join(f"`{name}`" for name in _short_names(rows))
            yield f"| {one.case} | {names} | {_escaped(one.stated)} | {_used(rows)} | {_escaped(reason)} |"


def _short_names(rows: Sequence[Row]) -> list[str]:
    """Two names as they are; of more, what follows their set-ups."""
    names = [row.quantity for row in rows]
    return names if len(names) <= MOST_NAMES else list(dict.fromkeys(name.rpartition(".")[2] for name in names))


def _used(rows: Sequence[Row]) -> str:
    used = [f"±{allowed:.4g}" for allowed in sorted({row.tolerance or 0.0 for row in rows})]
    return ", ".join(used) if len(used) <= MOST_NAMES else f"{used[0]} to {used[-1]}"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
