"""Compile the hot modules with mypyc, from their own sources, into build/accelerator. `make accelerator` runs it.

Needs what constraints/dev.txt installs and a C compiler with Python's headers; without one nothing is lost, since
everything runs from the sources.
"""

import os
import shutil
import sys
import sysconfig
from contextlib import chdir
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from sim import accelerator

MODULES = (
    "sim.engine.agenda",
    "sim.engine.timers",
    "models.request",
    "models.transport.phase",
    "models.transport.want",
    "models.transport.pool",
    "models.transport.dial",
    "models.transport.connection",
    "models.transport.buffers",
    "models.transport.round_trip",
    "models.transport.log",
    "models.transport.deadline",
    "models.transport.lateness",
    "models.transport.site",
    "models.transport.dialer",
    "models.grpc.rpc_log",
    "models.kernel.port_table",
    "models.kernel.ports",
    "models.kernel.addresses",
    "models.kernel.moved_ports",
    "models.kernel.port_use",
    "models.kernel.time_wait",
    "models.kernel.timer_wheel",
    "models.kernel.files",
    "models.kernel.cpu",
    "models.kernel.host",
    "models.kernel.translated",
    "models.sessions.device",
    "models.backend.server",
    "models.batching.coordinator",
    "models.batching.item",
    "models.protection.admission",
    "models.protection.relay",
    "models.dns.resolver",
    "models.dns.lookup",
    "models.workload.driver",
)
"""What a dial or a request passes each time, with the classes that derive from theirs."""

NO_COMPILER = "make accelerator: {missing}; everything works from the sources without it, about half as fast"


def missing() -> str:
    """What this machine lacks to compile an extension; empty where it lacks nothing."""
    if find_spec("mypyc") is None or find_spec("setuptools") is None:
        return "mypy and setuptools are not installed (make setup installs them)"
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler) is None:
        return f"there is no C compiler ({compiler})"
    if not (Path(sysconfig.get_path("include")) / "Python.h").is_file():
        return f"Python.h is missing in {sysconfig.get_path('include')} (Debian: python3-dev)"
    return ""


def build(folder: Path) -> None:
    """Compile `MODULES` and put them and the note of their sources into `folder`, whole or not at all."""
    from mypyc.build import mypycify
    from setuptools import Distribution  # type: ignore[import-untyped]

    seen = accelerator.digest()  # before they are read: what changes meanwhile is not in it
    with chdir(accelerator.ROOT), TemporaryDirectory() as scratch:
        made = Path(scratch) / "made"
        paths = [name.replace(".", "/") + ".py" for name in MODULES]
        group = accelerator.SHARED.removesuffix("__mypyc")
        extensions = mypycify(paths, target_dir=scratch, opt_level="2", debug_level="0", group_name=group)
        command = Distribution({"name": "accelerator", "ext_modules": extensions}).get_command_obj("build_ext")
        command.build_lib, command.build_temp = str(made), str(Path(scratch) / "objects")
        command.ensure_finalized()
        command.run()
        accelerator.write_note(made, MODULES, seen)
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(made, folder)


def main() -> int:
    """Build into the checkout's place; 1 where that cannot be."""
    lacking = missing()
    if lacking:
        print(NO_COMPILER.format(missing=lacking), file=sys.stderr)
        return 1
    folder = accelerator.PLACES[0]
    build(folder)
    print(f"{len(MODULES)} modules in {folder.relative_to(accelerator.ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
