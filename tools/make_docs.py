"""The generated parts of docs/: regions in pages, the pages of docs/machines and docs/lint. `make docs` runs it.

    <!-- generated: parameters clients.*.transport -->
    (replaced)
    <!-- end -->

The words after `generated:` are a kind of `MAKERS` and its argument. A key table takes all keys below its place but
for those that another table, deeper down, takes away, so that a new key finds its table by itself.
"""

import re
import sys
from collections.abc import Callable, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path
from shlex import split
from tempfile import TemporaryDirectory

import models.item_metrics
import models.metrics
import models.mqtt_metrics
import models.recovery
import models.session_metrics
import models.skew
from models.scenario import Scenario
from sim.cli.main import main as sim
from sim.scenario.shape import shape_of
from sim.study.study import Study
from sim.units import InputError
from tools.column_table import column_table
from tools.command_tables import benchmark_table, command_table, exit_table
from tools.exposed_table import exposed_table, shipped_dashboard
from tools.key_table import distribution_table, is_below, key_table, keys_of, path_of
from tools.lint_pages import lint_pages, lint_table, load_words
from tools.machine_page import diagram, machine_page, machines
from tools.markdown import fence
from tools.metric_words import metric_table
from tools.number_table import number_table
from tools.replay_table import replay_table
from tools.rule_table import rule_fields
from tools.source_tables import constant_table, file_table, simplification_list, test_table
from tools.vector_table import vector_table

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
DASHBOARD = DOCS / "grafana" / "transport-sim.json"
REGION = re.compile(r"(<!-- generated: (\S+)(?: (\S[^\n]*))? -->\n).*?(<!-- end -->)", re.DOTALL)


def parameters(place: str) -> str:
    """The keys of a scenario at a place and below it."""
    own = path_of(place)
    deeper = [path for path in map(path_of, places("parameters")) if is_below(path, own)]
    keys = [key for key in keys_of(Scenario) if is_below(key.path, own)]
    return key_table([key for key in keys if not any(is_below(key.path, path) for path in deeper)], own)


def keys(place: str) -> str:
    """The keys of a configuration that stands in no scenario yet, or of all its kinds: `module.Name`."""
    module, _, name = place.rpartition(".")
    config = getattr(import_module(module), name)
    kinds = shape_of(config).kinds
    roots = {(): config} if kinds is None else {(kind,): cls for kind, cls in kinds.kinds.items()}
    return key_table([key for at, cls in roots.items() for key in keys_of(cls, at)], ())


def study(place: str) -> str:
    """The keys of a study at a place and below it."""
    own = path_of(place)
    return key_table([key for key in keys_of(Study) if is_below(key.path, own)], own)


def output(command: str) -> str:
    """A command and what it prints, run where the repository's folders are."""
    said = StringIO()
    with TemporaryDirectory() as folder, chdir(folder), redirect_stdout(said), redirect_stderr(StringIO()):
        for name in ("experiments", "docs"):
            Path(name).symlink_to(ROOT / name)
        code = sim(split(command)[1:])
    if code:
        raise InputError(f"{command}: ended with exit code {code}")
    return "\n\n".join((fence("sh", command), fence("text", said.getvalue())))


def metrics(group: str) -> str:
    """The metrics of one group of `models/metrics.py` or of one of the files beside it that declare more."""
    elsewhere = {
        "SKEW": models.skew, "RECOVERY": models.recovery, "SESSION_METRICS": models.session_metrics,
        "ITEM_METRICS": models.item_metrics, "MQTT_METRICS": models.mqtt_metrics,
    }  # fmt: skip
    return metric_table(getattr(elsewhere.get(group, models.metrics), group))


MAKERS: Mapping[str, Callable[[str], str]] = {
    "parameters": parameters,
    "study": study,
    "keys": keys,
    "distributions": lambda _: distribution_table(),
    "machine": diagram,
    "machines": lambda _: "\n".join(
        f"- [{cls.__name__}]({name}.md): {_first(cls)}" for name, cls in machines().items()
    ),
    "columns": column_table,
    "metrics": metrics,
    "files": file_table,
    "simplified": simplification_list,
    "texts": constant_table,
    "tests": test_table,
    "numbers": number_table,
    "commands": lambda _: command_table(),
    "exits": lambda _: exit_table(),
    "benchmark": benchmark_table,
    "output": output,
    "replay": replay_table,
    "vectors": vector_table,
    "rule_fields": lambda _: rule_fields(),
    "exposed": exposed_table,
    "lint_rules": lambda _: lint_table(),
    "lint_load": lambda _: load_words(),
}


def places(kind: str) -> list[str]:
    """The arguments of all regions of a kind."""
    return [found[3] for path in pages() for found in REGION.finditer(path.read_text("utf-8")) if found[2] == kind]


def pages() -> list[Path]:
    """All pages that may hold regions."""
    return sorted(DOCS.rglob("*.md"))


def filled(text: str) -> str:
    """A page with its regions as they should be."""
    return REGION.sub(_refilled, text)


def _refilled(found: re.Match[str]) -> str:
    start, kind, argument, end = found.groups()
    if kind not in MAKERS:
        raise InputError(f"docs: {kind}: no such kind of region; write one of {', '.join(MAKERS)}")
    return f"{start}\n{MAKERS[kind](argument or '')}\n\n{end}"


def generated() -> dict[Path, str]:
    """Every page that has generated parts, and its whole text as it should be."""
    made = {path: filled(path.read_text("utf-8")) for path in pages() if "<!-- generated:" in path.read_text("utf-8")}
    made[DASHBOARD] = shipped_dashboard()
    made |= {DOCS / "lint" / name: text for name, text in lint_pages().items()}
    return made | {DOCS / "machines" / f"{name}.md": machine_page(cls) for name, cls in machines().items()}


def _first(cls: type) -> str:
    return (cls.__doc__ or "").strip().split("\n")[0]


def main() -> int:
    """Write what differs, and say what was written."""
    try:
        made = generated()
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    for path, text in made.items():
        if not path.is_file() or path.read_text("utf-8") != text:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
            print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
