"""A laboratory: two network namespaces of one Linux machine, joined by a link, and nothing else in them.

Whatever happens, both are removed again; nothing outside of them is touched.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sim.units import InputError
from sim.validation.toolchain import is_linux

DEVICE = "lab0"
"""The network device in both namespaces."""
IP_TIMEOUT_S = 30
_PER_NAMESPACE = Path("/etc/netns")
"""`ip netns exec NAME` puts the files of /etc/netns/NAME in the place of those of /etc (ip-netns(8))."""


class Blueprint(Protocol):
    """What a laboratory is to have."""

    @property
    def link(self) -> str:
        """veth, or tun: then the devices are made by a forwarder, before `furnish`."""

    @property
    def client_ip(self) -> str: ...

    @property
    def server_ips(self) -> Sequence[str]: ...

    @property
    def client_sysctl(self) -> Mapping[str, str]: ...

    @property
    def server_sysctl(self) -> Mapping[str, str]: ...

    @property
    def hosts(self) -> str:
        """The client's /etc/hosts; empty leaves it as it is."""


@dataclass(frozen=True, slots=True)
class Namespaces:
    """The names of the two."""

    client: str
    server: str


def require() -> None:
    """Refuse where a laboratory cannot be built.

    Raises
    ------
    InputError
        No Linux, no root, no command `ip`.
    """
    if not is_linux():
        raise InputError("record: needs network namespaces, which only Linux has; run it in a Linux machine")
    if os.geteuid() != 0:
        raise InputError("record: needs root to make network namespaces; run it with sudo, or in a virtual machine")
    if shutil.which("ip") is None:
        raise InputError("record: there is no command ip; install iproute2")


def require_tun() -> None:
    """Refuse where there are no TUN devices."""
    if not Path("/dev/net/tun").exists():
        raise InputError("record: there is no /dev/net/tun for Topology.Link: tun; load the module tun, or use veth")


@contextmanager
def namespaces(blueprint: Blueprint) -> Iterator[Namespaces]:
    """Two new namespaces, removed at the end with all that is in them."""
    made = Namespaces(f"sim-record-{os.getpid()}-c", f"sim-record-{os.getpid()}-s")
    try:
        for name in (made.client, made.server):
            _ip("netns", "add", name)
        if blueprint.hosts:
            folder = _PER_NAMESPACE / made.client
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "hosts").write_text(blueprint.hosts, encoding="utf-8")
        yield made
    finally:
        _remove(made)


def _remove(made: Namespaces) -> None:
    for name in (made.client, made.server):
        with suppress(InputError):  # it was not made
            _ip("netns", "delete", name)
    shutil.rmtree(_PER_NAMESPACE / made.client, ignore_errors=True)
    with suppress(OSError):
        _PER_NAMESPACE.rmdir()  # only if it is empty


def join(made: Namespaces) -> None:
    """Join them by a veth pair."""
    _ip("-n", made.client, "link", "add", DEVICE, "type", "veth", "peer", "name", DEVICE, "netns", made.server)


def furnish(made: Namespaces, blueprint: Blueprint) -> None:
    """Give both their addresses and sysctls, once their devices are there."""
    sides = (
        (made.client, (blueprint.client_ip,), blueprint.client_sysctl),
        (made.server, blueprint.server_ips, blueprint.server_sysctl),
    )
    for name, addresses, sysctls in sides:
        for address in addresses:
            _ip("-n", name, "address", "add", f"{address}/24", "dev", DEVICE)
        for device in ("lo", DEVICE):
            _ip("-n", name, "link", "set", device, "up")
        for sysctl, value in sysctls.items():
            _set(name, sysctl, value)


def _set(namespace: str, sysctl: str, value: str) -> None:
    path = f"/proc/sys/{sysctl.replace('.', '/')}"
    try:
        _ip("netns", "exec", namespace, "sh", "-c", 'printf %s "$1" >"$2"', "sh", value, path)
    except InputError as error:
        raise InputError(f"record: {sysctl}={value} was refused by the kernel ({error}); correct the sysctl") from None


def _ip(*words: str) -> None:
    """Run `ip`; its own complaint is the reason of ours."""
    try:
        done = subprocess.run(
            ["ip", *words], capture_output=True, text=True, check=False, timeout=IP_TIMEOUT_S,
            stdin=subprocess.DEVNULL, start_new_session=True,  # Ctrl-C is for us
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InputError(f"record: ip {' '.join(words)}: {error}") from None
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise InputError(f"record: ip {' '.join(words[:6])}: {reason}; namespaces need root and a kernel that has them")
