"""The command `sim`: puts the commands together, and turns what goes wrong into a line and an exit code."""

import os
import re
import shlex
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from sim.cli import (
    claims,
    detect,
    explain,
    export,
    lint,
    new,
    record,
    report,
    run,
    schema,
    serve,
    slo,
    study,
    sweep,
    theory,
    tune,
    validate,
)
from sim.cli import list as listing
from sim.cli.console import answer, finish, say
from sim.cli.exits import Exit
from sim.units import InputError


class Command(TyperCommand):
    """A command whose usage line names what it needs as manuals do: SCENARIO, not {SCENARIO}.

    Its help lists options under the panel that they name, as the parser would do with boxes and colours alone.
    """

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments, options, then those with a panel of their own under its name."""
        parts: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
        for one in self.get_params(ctx):
            if (told := one.get_help_record(ctx)) is not None:
                plain = "Arguments" if one.param_type_name == "argument" else "Options"
                parts.setdefault(getattr(one, "rich_help_panel", None) or plain, []).append(told)
        for name, told_of in parts.items():
            if told_of:
                with formatter.section(name):
                    formatter.write_dl(told_of)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The words behind the command's name."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def invoke(self, ctx: Any) -> Any:
        """Run the command; the parser would end without a word at Ctrl-C."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            say("interrupted; nothing was left half written")
            raise typer.Exit(Exit.INTERRUPTED) from None


app = typer.Typer(
    name="sim",
    help="Simulate client-side HTTP transport: what a gateway dials, waits for and runs out of.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("run", cls=Command)(run.run)
app.command("sweep", cls=Command)(sweep.sweep)
app.command("tune", cls=Command)(tune.tune)
app.command("report", cls=Command)(report.report)
app.command("explain", cls=Command)(explain.explain)
app.command("export", cls=Command)(export.export)
app.command("serve", cls=Command)(serve.serve)
app.command("slo", cls=Command)(slo.slo)
app.command("detect", cls=Command)(detect.detect)
app.command("claims", cls=Command)(claims.claims)
app.command("validate", cls=Command)(validate.validate)
app.command("record", cls=Command)(record.record)
app.command("lint", cls=Command)(lint.lint)
app.command("schema", cls=Command)(schema.schema)
app.command("new", cls=Command)(new.new)
app.command("list", cls=Command)(listing.list_)
app.command("theory", cls=Command)(theory.theory)
studies = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
studies.command("status", cls=Command)(study.status)
studies.command("export", cls=Command)(study.export)
studies.command("prune", cls=Command)(study.prune)
app.add_typer(studies, name="study", help="Results of studies that are kept: how far they are, export, prune.")

UsageError: type[Exception] = typer.BadParameter.__mro__[1]
"""What the parser raises for a wrong command line; typer gives it no public name."""


def _say_versions(asked: bool) -> None:
    if asked:
        from sim import accelerator
        from sim.version import MODEL_VERSION, versions

        model = f"transport-sim {versions()['transport-sim']}, model version {MODEL_VERSION}"
        answer(f"{model}, accelerator {accelerator.state()}")
        raise typer.Exit(Exit.FINE)


_VERSION = typer.Option(
    "--version",
    callback=_say_versions,
    is_eager=True,
    help="Say the versions of the package and of its model, and whether it runs compiled.",
)


@app.callback()
def _options(version: Annotated[bool, _VERSION] = False) -> None:
    """Simulate client-side HTTP transport: what a gateway dials, waits for and runs out of."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; the only place that turns exceptions into codes."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = int(app(given, prog_name="sim", standalone_mode=False) or Exit.FINE)
        finish()
        return code
    except InputError as error:
        say(str(error))
        return Exit.INPUT_IS_WRONG
    except UsageError as error:
        if error.__class__.__name__ == "NoArgsIsHelpError":  # the whole help is its message
            say(str(error))
        else:
            say(_one_line(error))
        return Exit.INPUT_IS_WRONG
    except (KeyboardInterrupt, typer.Abort):
        say("interrupted; nothing was left half written")
        return Exit.INTERRUPTED
    except (BrokenPipeError, SystemExit) as end:  # who reads has read enough, as in `sim claims | head`
        if not isinstance(end, BrokenPipeError) and not isinstance(end.__context__, BrokenPipeError):
            raise  # the parser makes SystemExit(1) of a broken pipe, which here would mean no
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # else the interpreter complains at its end
        return Exit.FINE
    except Exception:  # noqa: BLE001  the one place: whatever is left is the program's own fault
        traceback.print_exc()
        say(f"this is a fault of the program; report it with the command `sim {shlex.join(given)}`{_seed_hint(given)}")
        return Exit.PROGRAM_IS_WRONG


def _one_line(error: Exception) -> str:
    """A wrong command line in our words: the offender; the way out."""
    option, nearest = getattr(error, "option_name", None), getattr(error, "possibilities", None)
    if option and nearest is not None:
        return (
            f"{option}: no such option; did you mean {nearest[0]}?" if nearest else f"{option}: no such option{_HELP}"
        )
    text = error.format_message() if hasattr(error, "format_message") else str(error)
    text = " ".join(text.split()).rstrip(".")
    if refused := _REFUSED.fullmatch(text):
        return f"{refused[1]}: {refused[2].replace(*_NO_NUMBER)}{_HELP}"
    return (text[:1].lower() + text[1:]).replace(". Did you mean", "; did you mean") + ("" if "mean" in text else _HELP)


def _seed_hint(given: Sequence[str]) -> str:
    return "" if any(word.startswith("--seed") for word in given) else " and the default seed"


_HELP = "; --help says what there is"
_REFUSED = re.compile(r"Invalid value for '(.+?)': (?:Value error, )?(?:Input )?(.+)")
"""What the parser says of a value that does not fit its option."""
_NO_NUMBER = ("should be a valid integer, unable to parse string as an integer", "should be a whole number")


if __name__ == "__main__":
    sys.exit(main())
