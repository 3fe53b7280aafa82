"""Every example in the documentation runs: YAML is loaded and run briefly, commands are parsed, cheap ones executed.

A page is run in a folder of its own, from top to bottom: a YAML block that begins with `# NAME.yaml` becomes that file.
A block with `clients` is a scenario, one with `base` a study; any other is a part of the page's last scenario, put over
it section by section. Commands see the repository's folders and what the page has written so far.
"""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
import typer

from sim import wiring
from sim.cli.main import app, main
from sim.scenario.source import read

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:\.venv/bin/)?sim [a-z][^`]*)`")
UNQUOTED = re.compile(r"(?:&&|\||>)(?=(?:[^']*'[^']*')*[^']*$)")
"""Where one command of a line ends, outside of single quotes."""
PLACEHOLDER = re.compile(r"[A-Z]{3,}|…|\.\.\.")
FILE_NAME = re.compile(r"# (\S+\.(?:yaml|csv))\n")
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
SOON = {"README.md", "docs/guide/first-scenario.md", "docs/guide/commands.md", "docs/guide/python.md"}
"""Pages that are tried with every change; all take some minutes together."""
BRIEFLY = ("duration=1s", "warmup=0s", "tail=1s")
NAMED = ("clients", "services", "workloads")
PARSED_ONLY = {"claims", "study"}
"""Commands that take minutes and have no dry run, or that need results which take them."""
COMMANDS: Mapping[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # it is a group


def pages() -> list[str]:
    found = [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("experiments/**/README.md")]
    found += ROOT.glob("notebooks/README.md")
    return sorted(str(path.relative_to(ROOT)) for path in found if has_examples(path.read_text("utf-8")))


def pages_soon_and_late() -> list[Any]:
    return [page if page in SOON else pytest.param(page, marks=pytest.mark.slow) for page in pages()]


def has_examples(text: str) -> bool:
    return any(language in {"yaml", "sh", "python"} for language, _ in FENCE.findall(text)) or bool(inline(text))


def inline(text: str) -> list[str]:
    """Commands within sentences; what stands for a name of the reader's is none."""
    return [one for one in INLINE.findall(FENCE.sub("", text)) if " " in one.strip() and not PLACEHOLDER.search(one)]


@dataclass
class Reader:
    """Somebody who tries out a page from top to bottom, in a folder of his own."""

    folder: Path
    base: dict[str, Any] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)
    tried: list[str] = field(default_factory=list)

    def follow(self, page: str) -> None:
        whole = (ROOT / page).read_text("utf-8")
        for language, text in FENCE.findall(whole):
            {"yaml": self.write, "sh": self.type, "csv": self.save, "python": self.execute}.get(language, len)(text)
        for command in inline(whole):
            self.parse(next(commands(command))[1:])

    def save(self, text: str) -> Path:
        """Write a block that names its file; without a name it is a scenario to be tried at once."""
        name = FILE_NAME.match(text)
        path = self.folder / (name[1] if name else "block.yaml")
        path.write_text(text[name.end() :] if name and path.suffix == ".csv" else text, "utf-8")
        return path

    def write(self, text: str) -> None:
        tree: Any = read(text, "block", object).tree
        path = self.save(text)
        if "base" in tree:
            self.check(["sweep", str(path), "--dry-run", "--out", "out/dry"])
            return
        if "clients" in tree or "sessions" in tree:
            self.base = tree
            self.check(run_of(path))
            return
        assert self.base, f"a part of a scenario, and no whole one above it: {text[:80]}"
        done = wiring.run(wiring.load_tree(over(self.base, tree), BRIEFLY))
        assert done.manifest["requests"], f"no request came: {text[:80]}"
        self.tried.append(text)

    def type(self, text: str) -> None:
        for words in commands(text):
            self.tried.append(shlex.join(words))
            match Path(words[0]).name:
                case "sim":
                    self.sim(words[1:])
                case "make":
                    assert set(words[1:]) - assignments(words) <= targets(), f"no such target: {shlex.join(words)}"
                case "python":
                    assert find_spec(words[words.index("-m") + 1]), f"no such module: {shlex.join(words)}"

    def parse(self, words: list[str]) -> str:
        """Read a command line as `sim` reads it, and run nothing."""
        name, *rest = words
        assert name in COMMANDS, f"no such command: sim {name}"
        if rest:
            COMMANDS[name].make_context(name, list(rest))
        self.tried.append(shlex.join(words))
        return name

    def sim(self, words: list[str]) -> None:
        name = self.parse(words)
        if name == "run":
            self.check([*words, *briefly()])
        elif name in {"sweep", "tune"}:
            self.check([*words, "--dry-run"])
        elif name not in PARSED_ONLY:
            self.check(words)

    def check(self, words: list[str]) -> None:
        self.tried.append(shlex.join(words))
        assert main(words) == 0, f"sim {shlex.join(words)} failed; its message is above"

    def execute(self, text: str) -> None:
        self.tried.append(text)
        exec(compile(text, "block", "exec"), self.names)


def over(base: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    """A scenario with another part: of clients, services and workloads single keys, of all else the whole."""
    tree = dict(base)
    for section, given in part.items():
        if section not in NAMED:
            tree[section] = given
            continue
        known = base.get(section, {})
        tree[section] = {**known, **{name: {**known.get(name, {}), **keys} for name, keys in given.items()}}
    return tree


def run_of(path: Path) -> list[str]:
    return ["run", str(path), *briefly()]


def briefly() -> list[str]:
    return [part for one in BRIEFLY for part in ("--set", one)]


def commands(text: str) -> Iterator[list[str]]:
    for line in text.replace("\\\n", " ").splitlines():
        for command in UNQUOTED.split(line.partition(" #")[0]):
            if words := shlex.split(command, comments=True):
                yield words


def assignments(words: list[str]) -> set[str]:
    return {word for word in words if "=" in word}


def targets() -> set[str]:
    return set(TARGET.findall((ROOT / "Makefile").read_text("utf-8")))


@pytest.mark.parametrize(
    "page", [each if each in SOON else pytest.param(each, marks=pytest.mark.slow) for each in pages()]
)
def test_the_examples_of_a_page_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    mpl.use("Agg")
    for name in ("experiments", "docs", "notebooks", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    reader = Reader(tmp_path)

    reader.follow(page)

    assert reader.tried, f"{page}: no block was tried; name a language (yaml, sh, python) that somebody can try"


def test_a_part_replaces_keys_of_a_client_and_whole_sections_of_all_else() -> None:
    base = {"network": {"rtt": "1ms"}, "clients": {"c": {"timeout": "1s", "transport": {"max_idle_conns": 3}}}}

    tree = over(base, {"network": {"loss": 0.1}, "clients": {"c": {"timeout": "2s"}}})

    assert tree == {
        "network": {"loss": 0.1}, "clients": {"c": {"timeout": "2s", "transport": {"max_idle_conns": 3}}},
    }  # fmt: skip


def test_comments_pipes_and_continuations_are_left_out_of_a_command() -> None:
    text = ".venv/bin/sim run a.yaml \\\n    --seed 7   # again\nsim schema study > study.json\n# nothing\n"

    assert list(commands(text)) == [
        [".venv/bin/sim", "run", "a.yaml", "--seed", "7"],
        ["sim", "schema", "study"],
        ["study.json"],
    ]
