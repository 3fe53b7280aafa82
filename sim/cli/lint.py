"""`sim lint`: configuration judged before it runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.exits import Exit
from sim.cli.lint_load import LOAD, load_of
from sim.units import InputError

if TYPE_CHECKING:
    from sim.cli.lint_run import Asked

FORMATS = ("text", "json", "sarif", "github", "junit")


def lint(  # parameters: the options of a linter
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="PATH", help="Files or folders; - is standard input.")
    ] = None,
    as_kind: Annotated[
        str, typer.Option("--as", metavar="KIND", help="What the files are, such as --as nginx; else by their content.")
    ] = "",
    form: Annotated[str, typer.Option("--format", metavar="F", help=f"One of {', '.join(FORMATS)}.")] = "text",
    fix: Annotated[bool, typer.Option("--fix", help="Write what can be fixed; other lines stay as they are.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what --fix would change, and change nothing.")] = False,
    fail_on: Annotated[
        str, typer.Option("--fail-on", metavar="S", help="Exit code 1 from this severity on: error, warning or info.")
    ] = "error",
    select: Annotated[
        list[str] | None,
        typer.Option("--select", metavar="ID", help="Only rules that begin so: --select PO; repeatable."),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="ID", help="No rules that begin so; repeatable.")
    ] = None,
    rules: Annotated[
        Path | None, typer.Option("--rules", metavar="DIR", help="Rules of your own beside the built-in ones.")
    ] = None,
    test_rules: Annotated[
        Path | None, typer.Option("--test-rules", metavar="DIR", help="Run the examples in rule files as tests.")
    ] = None,
    explain: Annotated[
        str, typer.Option("--explain", metavar="ID", help="Say what a rule is about, such as --explain PO001.")
    ] = "",
    baseline: Annotated[
        Path | None, typer.Option("--baseline", metavar="FILE", help="Leave out the findings that FILE keeps.")
    ] = None,
    write_baseline: Annotated[
        Path | None, typer.Option("--write-baseline", metavar="FILE", help="Keep the findings of now in FILE.")
    ] = None,
    simulate: Annotated[
        bool, typer.Option("--simulate", help="Run what was found for its effect; needs --rate and --latency.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", min=1, help="Processes; default one per core for many files.")
    ] = None,
    load: LOAD = None,
) -> None:
    """Judge the configuration of gateways, clients and kernels by rules, some of them computed.

    Example: sim lint gateway.yaml --load rate=1200/s --load latency=20ms
    """
    try:
        from sim.cli import lint_run
    except ImportError as error:
        raise InputError(f"sim lint needs the library {error.name}: pip install 'transport-sim[lint]'") from None
    if form not in FORMATS:
        raise InputError(f"--format: {form} is unknown; write one of {', '.join(FORMATS)}")
    asked = lint_run.Asked(
        paths=paths or [], as_kind=as_kind, form=form, fix=fix, diff=diff, fail_on=fail_on, select=select or [],
        ignore=ignore or [], rules=rules, baseline=baseline, write_baseline=write_baseline, simulate=simulate,
        jobs=jobs, load=load_of(load or []),
    )  # fmt: skip
    raise typer.Exit(_answer(asked, explain, test_rules))


def _answer(asked: "Asked", explain: str, test_rules: Path | None) -> Exit:
    from sim.cli import lint_run

    if explain:
        return lint_run.explain(asked, explain)
    if test_rules is not None:
        return lint_run.try_rules(test_rules)
    if not asked.paths:
        raise InputError("PATH: is missing; write files or folders, or - for standard input")
    return lint_run.lint(asked)
