"""The part of the validation's page about a kernel: how close each measurement is, what is out or not compared."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from sim.validation.differences import Difference, why
from sim.validation.measurements import Reproduced, Row

PAGE = "kernel.md"


def write_kernel_page(judged: Sequence[Reproduced], differences: Sequence[Difference], out: Path) -> Path:
    """Write the page below `out`; its path."""
    out.mkdir(parents=True, exist_ok=True)
    page = out / PAGE
    page.write_text("\n".join(_page(judged, differences)) + "\n", encoding="utf-8")
    return page


def _page(judged: Sequence[Reproduced], differences: Sequence[Difference]) -> Iterator[str]:
    rows = [row for one in judged for row in one.compared]
    n_ok = sum(bool(row.ok) for row in rows)
    share = f"{n_ok / len(rows):.1%}" if rows else "none"
    yield "## The kernel by itself\n"
    yield f"{n_ok:,} of {len(rows):,} quantities ({share}) of {len(judged)} measurements are within tolerance."
    yield "They were taken of Linux 6.18 with programs that only connect, read and close, and are played again by the"
    yield "kernel model without Go's Transport: `sim validate --kernel`. The tolerance of a quantity is what its"
    yield "measurement states; counts and texts have to be the same.\n"
    yield "| measurement | what | within | of | not compared |"
    yield "|---|---|---:|---:|---:|"
    for one in judged:
        within, of = sum(bool(row.ok) for row in one.compared), len(one.compared)
        yield f"| {one.case} | {_escaped(one.title)} | {within} | {of} | {len(one.rows) - of} |"
    yield "\n### What is out of tolerance there, and why\n"
    yield from _outside(judged, differences)
    yield "### What is not compared, and why\n"
    yield from _left_out(judged)


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


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
