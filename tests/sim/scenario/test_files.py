"""Files that a scenario names: beside the file that names them, and known by what is in them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import pytest

from sim.scenario import Loader, resolve
from sim.scenario.files import contents
from sim.units import FileName, InputError, OneOf

ABC = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
"""FIPS 180-4's own example."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    file: FileName
    format: str = "auto"

    @classmethod
    def __fill__(cls, written: Any) -> Any:
        return {"file": written} if isinstance(written, str) else written


@dataclass(frozen=True, slots=True, kw_only=True)
class Steady:
    rate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    comes: Annotated[Log | Steady, OneOf(log=Log, steady=Steady)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    note: str = ""
    inputs: dict[str, Input] = field(default_factory=dict)


LOADER = Loader(Inputs)


def a_log(at: Path, name: str = "a.log", text: str = "abc") -> Path:
    (at / name).write_text(text)
    return at / name


def named(loaded: Inputs) -> str:
    log = loaded.inputs["x"].comes
    assert isinstance(log, Log)
    return log.file


@pytest.mark.parametrize("written", ["{log: a.log}", "{log: {file: a.log, format: json}}"])
def test_a_file_lies_beside_the_text_that_names_it(tmp_path: Path, written: str) -> None:
    a_log(tmp_path)

    loaded = LOADER.load(f"inputs: {{x: {{comes: {written}}}}}", "s.yaml", (), folder=tmp_path)

    assert named(loaded) == str(tmp_path / "a.log")


def test_a_file_of_the_command_line_lies_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "far").mkdir()
    a_log(tmp_path / "far"), a_log(tmp_path, "b.log")
    monkeypatch.chdir(tmp_path)

    loaded = LOADER.load(
        "inputs: {x: {comes: {log: a.log}}}", "s.yaml", ["inputs.x.comes.log=b.log"], folder=Path("far")
    )

    assert named(loaded) == "b.log"


def test_an_override_of_another_key_leaves_the_file_where_it_is(tmp_path: Path) -> None:
    a_log(tmp_path)

    loaded = LOADER.load(
        "inputs: {x: {comes: {log: a.log}}}", "s.yaml", ["inputs.x.comes.log.format=json"], folder=tmp_path
    )

    assert named(loaded) == str(tmp_path / "a.log")


def test_the_files_of_a_trees_overrides_lie_in_their_folder(tmp_path: Path) -> None:
    a_log(tmp_path)

    loaded = LOADER.load_tree(
        {"inputs": {"x": {"comes": {"steady": 1}}}}, "base", {"inputs.x.comes.log": "a.log"}, folder=tmp_path
    )

    assert named(loaded) == str(tmp_path / "a.log")


def test_a_missing_file_is_named_as_written_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        LOADER.load("note: hello\ninputs:\n  x: {comes: {log: a.log}}\n", "s.yaml", (), folder=tmp_path)

    assert str(caught.value) == (
        f"s.yaml:3:15: inputs.x.comes.log.file: a.log: no such file in {tmp_path};"
        " a path is relative to the file that names it"
    )


def test_a_text_that_names_no_file_may_be_anything(tmp_path: Path) -> None:
    assert LOADER.load("note: a.log", "s.yaml", (), folder=tmp_path) == Inputs(note="a.log")


def test_contents_stand_for_names(tmp_path: Path) -> None:
    tree = resolve(LOADER.load("inputs: {x: {comes: {log: a.log}}}", "s", (), folder=a_log(tmp_path).parent))

    known = contents(tree, Inputs)

    assert known == {"note": "", "inputs": {"x": {"comes": {"log": {"file": ABC, "format": "auto"}}}}}
    assert named(LOADER.load_tree(tree, "again")) == str(tmp_path / "a.log"), "the tree itself is left as it is"


def test_a_file_written_anew_is_read_again(tmp_path: Path) -> None:
    tree = {"inputs": {"x": {"comes": {"log": {"file": str(a_log(tmp_path)), "format": "auto"}}}}}
    before = contents(tree, Inputs)

    a_log(tmp_path, text="abcd")

    assert contents(tree, Inputs) != before


def test_a_file_that_is_gone_is_an_input_error(tmp_path: Path) -> None:
    tree = {"inputs": {"x": {"comes": {"log": {"file": str(tmp_path / "gone")}}}}}

    with pytest.raises(InputError, match="gone: no such file"):
        contents(tree, Inputs)
