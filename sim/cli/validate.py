"""`sim validate`: what was measured in reality against what is simulated."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import Json, Out, Workers
from sim.units import InputError

_FILE = typer.Option(
    "--vectors", metavar="FILE", help="Scripted cases with what Go did, as YAML, instead of recordings."
)
_CASE = typer.Option("--case", metavar="ID", help="Of the file only this case or family, such as V6.5, V6 or tw-reuse.")
_KERNEL = typer.Option(
    "--kernel", help="What was measured of a Linux kernel: FILE instead of CASE_DIR, or the shipped one."
)
_GO = typer.Option("--go-version", metavar="V", help="Of the versions only this one, such as 1.27 or 1.27.3.")
DEFAULT_SEEDS = 20
_SEEDS = typer.Option("--seeds", min=1, help="Replays of each recorded case, such as --seeds 5; default 20.")


def validate(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="CASE_DIR", help="Recorded cases, or folders of them; without one, those shipped."),
    ] = None,
    vectors: Annotated[Path | None, _FILE] = None,
    kernel: Annotated[bool, _KERNEL] = False,
    case: Annotated[str, _CASE] = "",
    go_version: Annotated[str, _GO] = "",
    seeds: Annotated[int | None, _SEEDS] = None,
    workers: Workers = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Compare with what was measured, quantity by quantity.

    Without a name, with the recordings that come along. Examples: sim validate --vectors FILE --case V6;
    sim validate --kernel --case tw-reuse
    """
    if kernel:
        from sim.cli.validate_kernel import validate_kernel

        if vectors is not None:
            raise InputError("validate: either --kernel or --vectors FILE, not both")
        if go_version:
            raise InputError("validate: --kernel knows no Go version; leave out --go-version")
        if seeds is not None:
            raise InputError("validate: --kernel has no recorded cases to replay; leave out --seeds")
        if out is not None and (case or as_json):
            raise InputError(f"validate: {'--case' if case else '--json'} writes no page of a kernel; leave out --out")
        code = validate_kernel(folders or [], case, workers=workers, out=out, as_json=as_json)
    elif vectors is not None:
        from sim.cli.validate_vectors import validate_vectors

        if folders:
            raise InputError("validate: either recorded cases or --vectors FILE, not both")
        code = validate_vectors(vectors, case, go_version, as_json=as_json)
    else:
        from sim.cli.validate_cases import validate_cases

        code = validate_cases(folders or [], seeds=seeds or DEFAULT_SEEDS, workers=workers, out=out, as_json=as_json)
    raise typer.Exit(code)
