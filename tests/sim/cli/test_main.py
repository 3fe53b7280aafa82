"""The rim: wrong command lines, help, and what does not load until it is needed."""

import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sim.cli.console import interruption, jsonable, progress, table, table_or_paragraphs
from sim.cli.main import app, main
from sim.cli.options import command_line
from sim.version import MODEL_VERSION


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["sweep", "x", "--worker", "2"], "--worker: no such option; did you mean --workers?"),
        (["swep"], "no such command 'swep'; did you mean 'sweep'?"),
        (["run", "x", "--seed", "x"], "--seed: should be a whole number; --help says what there is"),
        (["run", "x", "--seed", "-1"], "--seed: should be greater than or equal to 0; --help says what there is"),
        (["schema", "studie"], "KIND: 'studie' is not one of 'scenario', 'study'; --help says what there is"),
        (["run"], "missing argument 'SCENARIO'; --help says what there is"),
    ],
)
def test_a_wrong_command_line_gives_one_line_and_the_way_out(line: list[str], said: str, capsys: Any) -> None:
    code = main(line)

    assert code == 2
    assert capsys.readouterr().err.rstrip("\n") == said


def test_help_lists_every_command() -> None:
    found = CliRunner().invoke(app, ["--help"])

    assert found.exit_code == 0
    assert all(f"  {name} " in found.output for name in ("run", "sweep", "report", "claims", "schema", "new", "list"))


def test_version_names_the_package_and_the_model(capsys: Any) -> None:
    code = main(["--version"])

    assert code == 0
    told = (
        f"transport-sim {version('transport-sim')}, model version {MODEL_VERSION}, accelerator off, SIM_PURE is set\n"
    )
    assert capsys.readouterr().out == told


@pytest.mark.parametrize(
    ("command", "usage"),
    [
        ("run", "sim run [OPTIONS] SCENARIO"),
        ("new", "sim new [OPTIONS] NAME"),
        ("schema", "sim schema [OPTIONS] [KIND]"),
        ("theory", "sim theory [OPTIONS] [FILE]"),
        ("validate", "sim validate [OPTIONS] [CASE_DIR]..."),
    ],
)
def test_usage_names_arguments_as_manuals_do(command: str, usage: str, capsys: Any) -> None:
    main([command, "--help"])

    assert capsys.readouterr().out.splitlines()[0] == f"Usage: {usage}"


def test_help_lists_the_options_of_a_search_and_of_a_cluster_apart(capsys: Any) -> None:
    main(["sweep", "--help"])

    told = capsys.readouterr().out
    places = [
        told.index(word)
        for word in ("Options:", "  --workers N", "On a cluster:", "  --scheduler A", "Search", "  --find C")
    ]
    assert places == sorted(places)


def test_the_lines_of_a_table_do_not_end_in_blanks(capsys: Any) -> None:
    table(("claim", "statement"), [("C01", "short"), ("C02", "a longer statement")])

    assert [line for line in capsys.readouterr().out.splitlines() if line != line.rstrip()] == []


def test_a_narrow_terminal_gets_paragraphs_for_rows(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")

    table_or_paragraphs(("arm", "metric", "index"), [("base", "a setting of many words " * 3, "")])
    table_or_paragraphs(("arm", "metric"), [("base", "lat_p99")])

    assert capsys.readouterr().out.splitlines() == [
        "base", "    metric a setting of many words a setting of many words a", "    setting of many words",
        "arm    metric", "──────────────", "base   lat_p99",
    ]  # fmt: skip


def test_a_reader_that_has_read_enough_ends_a_command_quietly() -> None:
    line = f"{sys.executable} -m sim.cli.main schema | head -1; exit ${{PIPESTATUS[0]}}"

    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "{\n", "")


def test_help_loads_nothing_heavy() -> None:
    heavy = "{'polars', 'matplotlib', 'numpy', 'scipy', 'models', 'jinja2', 'pyarrow'}"
    code = f"import sys; from sim.cli.main import main; main(['--help']); sys.exit(len({heavy} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, "a command imports what it needs when it runs"


def test_a_new_scenario_is_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)

    codes = [main(["new", "gateway"]), main(["new", "gateway"])]

    assert codes == [0, 2]
    assert (tmp_path / "gateway" / "scenario.yaml").read_text().startswith("name: gateway")
    assert "gateway/scenario.yaml: is there already and was left alone" in capsys.readouterr().err


def test_a_new_scenario_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sim import wiring

    monkeypatch.chdir(tmp_path)
    main(["new", "gateway"])

    scenario = wiring.load(tmp_path / "gateway")

    assert (scenario.name, list(scenario.clients)) == ("gateway", ["gateway"])


def test_a_name_that_is_a_path_is_refused(capsys: Any) -> None:
    code = main(["new", "../elsewhere"])

    assert code == 2
    assert "is not a name" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["scenario", "study"])
def test_the_schema_is_json_schema(kind: str, capsys: Any) -> None:
    import json

    code = main(["schema", kind])

    assert code == 0
    assert json.loads(capsys.readouterr().out)["$schema"].endswith("2020-12/schema")


def test_what_json_cannot_say_is_null() -> None:
    assert jsonable({"a": float("nan"), "b": (1, float("inf")), "c": True}) == {"a": None, "b": [1, None], "c": True}


def test_no_terminal_no_bar(capsys: Any) -> None:
    with progress("work") as show:
        show(1, 2)

    assert capsys.readouterr().err == ""


def test_the_command_line_can_be_pasted_into_a_shell() -> None:
    line = command_line(["sim", "run", "my gateway"], ["timeline=[]"], 3)

    assert line == "sim run 'my gateway' --set 'timeline=[]' --seed 3"


def test_a_new_scenario_where_a_file_stands_is_refused_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gateway").write_text("mine")

    assert main(["new", "gateway"]) == 2
    assert capsys.readouterr().err == (
        "gateway/scenario.yaml: a file stands where a directory is needed; nothing was written\n"
    )


def test_ctrl_c_before_anything_was_done_says_so(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.cli.run.file_in", interrupted)

    assert main(["run", "x"]) == 130
    assert capsys.readouterr().err == "interrupted; nothing was left half written\n"


def test_an_interruption_is_heard_at_once_and_the_handler_of_before_comes_back(
    capsys: Any,
) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)

    with pytest.raises(KeyboardInterrupt), interruption("what is under way is finished"):
        signal.raise_signal(signal.SIGINT)

    assert capsys.readouterr().err == "what is under way is finished\n"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
