"""Vector tables: in how many small scripted cases a simulated client does what a real one did."""

import json
from collections import defaultdict
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from sim.cli.exits import Exit
from sim.cli.main import main
from sim.scenario.source import read
from sim.units import InputError
from tools.markdown import table

ROOT = Path(__file__).resolve().parents[1]


def vector_table(file: str) -> str:
    """The families of a file of vectors: cases by version of Go, and those in which every quantity agrees."""
    agrees = _judged(ROOT / file)
    families = read((ROOT / file).read_text("utf-8"), file, object).tree["families"]
    of_family = {name: [ok for (case, _), ok in agrees.items() if case.split(".")[0] == name] for name in families}
    rows = [(name, families[name], len(oks), sum(oks)) for name, oks in of_family.items()]
    total = ("all", "", sum(row[2] for row in rows), sum(row[3] for row in rows))
    return table(("family", "what it is about", "cases by version", "as recorded"), [*rows, total])


def _judged(path: Path) -> dict[tuple[str, str], bool]:
    said = StringIO()
    with redirect_stdout(said):
        code = main(["validate", "--vectors", str(path), "--json"])
    if code not in (Exit.FINE, Exit.NO):
        raise InputError(f"{path}: sim validate ended with exit code {code}")
    agrees: dict[tuple[str, str], bool] = defaultdict(lambda: True)
    for row in json.loads(said.getvalue()):
        agrees[row["case"], row["go_version"]] &= row["ok"]
    return agrees
