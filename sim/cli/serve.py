"""`sim serve`: a run behind the addresses at which a live process shows itself."""

import io
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.console import answer, finish, say
from sim.cli.exits import Exit
from sim.cli.formats import EPOCH
from sim.units import InputError

if TYPE_CHECKING:
    from sim.export.served import Page, Reply
    from sim.records.folder import StoredRun

PORT = 6060
"""Where Go's documentation has net/http/pprof listen."""
PPROF = "/debug/pprof/goroutine"
_OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
_PLAIN = "text/plain; charset=utf-8"


def serve(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that sim run wrote.")],
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="On 127.0.0.1; 0 takes any that is free.")
    ] = PORT,
) -> None:
    """Show a run at the addresses of a live process: /debug/pprof/goroutine, /metrics, and its report at /.

    Example: sim serve out/order-gateway
    """
    from sim.export.served import LOOPBACK, server_of
    from sim.records.folder import read_run

    run = read_run(folder)
    server = server_of(pages_of(run), port)
    root = f"http://{LOOPBACK}:{server.server_address[1]}"
    try:
        answer(f"{root}/")
        say(f'curl -s "{root}{PPROF}?debug=2" | grep -A5 -B5 readLoop; &at=2s is another instant; Ctrl-C ends it')
        finish()
        server.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        say("stopped")
    finally:
        server.server_close()
    raise typer.Exit(Exit.FINE)


def pages_of(run: "StoredRun") -> "dict[str, Page]":
    """What is answered at each path."""
    from sim.export.served import Reply

    def report(_: Mapping[str, str]) -> Reply:
        return Reply("text/html; charset=utf-8", _report(run.path).encode())

    def metrics(query: Mapping[str, str]) -> Reply:
        return Reply(_OPENMETRICS, _metrics(run, query))

    def index(_: Mapping[str, str]) -> Reply:
        return Reply(_PLAIN, f"{PPROF}?debug=0, 1 or 2; &at=2s for another instant than the peak\n".encode())

    def goroutines(query: Mapping[str, str]) -> Reply:
        return _goroutines(run, query)

    return {"/": report, "/metrics": metrics, "/debug/pprof/": index, PPROF: goroutines}


def _report(folder: Path) -> str:
    from sim.cli.words import WORDS
    from sim.report.page import render
    from sim.report.run_page import run_page
    from sim.report.run_record import read_run

    return render(run_page(read_run(folder), WORDS, f"sim serve {folder}"))


def _metrics(run: "StoredRun", query: Mapping[str, str]) -> bytes:
    from sim import wiring
    from sim.export.openmetrics import end_of, write_scrape

    at, end = _at(query), end_of(run)
    if at is not None and at > end:
        raise InputError(f"at={query['at']}: the run ended at {end:g} s; name an earlier instant")
    text = io.StringIO()
    write_scrape(run, wiring.exposed(run.manifest["scenario"]), end if at is None else at, out=text)
    return text.getvalue().encode()


def _goroutines(run: "StoredRun", query: Mapping[str, str]) -> "Reply":
    """As runtime/pprof answers: a profile to keep, or text to read."""
    from sim import wiring
    from sim.export.pprof import write_goroutines
    from sim.export.served import Reply
    from sim.export.snapshot import snapshot

    debug = query.get("debug", "0")
    if debug not in {"0", "1", "2"}:
        raise InputError(f"debug={debug}: is none of 0, 1 and 2")
    stacks, place_of = wiring.stacks(run.manifest["scenario"])
    at, levels = snapshot(run, tuple(stacks), _at(query))
    out = io.BytesIO()
    at_ns = round((datetime.fromisoformat(EPOCH).timestamp() + at) * 1e9)
    write_goroutines(levels, stacks, place_of=place_of, at_ns=at_ns, debug=int(debug), out=out)
    if debug != "0":
        return Reply(_PLAIN, out.getvalue())
    kept = {"Content-Disposition": 'attachment; filename="goroutine"'}
    return Reply("application/octet-stream", out.getvalue(), kept)


def _at(query: Mapping[str, str]) -> float | None:
    """The instant that is asked for, s."""
    from sim.units import SECOND, parse_duration

    if not (text := query.get("at", "")):
        return None
    try:
        return parse_duration(text) / SECOND
    except ValueError as error:
        raise InputError(f"at={text}: {error}") from None
