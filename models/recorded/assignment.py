"""assignment_of: an experiment as the recorder's driver needs it: files, addresses, instants; nothing of HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.recorded.arrivals_file import arrivals_of
from models.recorded.experiment import CLIENT_IP, Experiment
from models.recorded.input_file import input_of
from sim.units import SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """What the two network namespaces are to have."""

    link: str
    """veth, or tun."""
    client_ip: str
    server_ips: tuple[str, ...]
    client_sysctl: Mapping[str, str]
    server_sysctl: Mapping[str, str]
    hosts: str = ""
    """The client's /etc/hosts; empty leaves it as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One case."""

    name: str
    input: Mapping[str, Any]
    """input.json without what only the run knows."""
    arrivals: str
    """The arrivals as comma-separated values."""
    blueprint: Blueprint
    seconds: float
    """From T0 to the last sample."""
    has_names: bool = False
    """Whether a DNS server answers in the client's namespace."""
    stops: Sequence[tuple[float, float]] = ()
    """When the servers' process is stopped, and for how long, in seconds."""


def assignment_of(experiment: Experiment) -> Assignment:
    """What an experiment asks of the driver.

    Raises
    ------
    ValueError
        "field: what is wrong", where its arrivals cannot be sent.
    InputError
        The file of a replay is wrong.
    """
    arrivals = arrivals_of(experiment)
    written = input_of(experiment, n_arrivals=len(arrivals.rows), workers=arrivals.workers)
    return Assignment(
        name=experiment.name,
        input=written,
        arrivals=arrivals.text(),
        blueprint=Blueprint(
            link=experiment.topology.link,
            client_ip=CLIENT_IP,
            server_ips=tuple(experiment.ips()),
            client_sysctl=written["Sysctl"],
            server_sysctl=written["ServerSysctl"],
            hosts=_hosts_file(experiment),
        ),
        seconds=(experiment.duration + experiment.tail) / SECOND,
        has_names=experiment.topology.dns_mode == "rotating-dns",
        stops=[(one.t / SECOND, one.dur / SECOND) for one in experiment.events if one.action == "sigstop"],
    )


def _hosts_file(experiment: Experiment) -> str:
    if experiment.topology.dns_mode != "hosts-file":
        return ""
    named = [f"{ip} {experiment.topology.dns_name}\n" for ip in experiment.dns_addrs()]
    return "".join(["127.0.0.1 localhost\n", *named])
