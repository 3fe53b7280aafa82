"""ResolvConf: what /etc/resolv.conf says to Go's resolver. What a name answers is said by its service."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Le

from sim.units import SECOND, Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvConf:
    """resolv.conf of a client's host (net/dnsconfig_unix.go, dnsReadConfig)."""

    nameservers: Annotated[int, Gt(0), Le(3)] = 1
    """Servers that are asked in turn when one does not answer; Go reads three at most."""
    timeout: Annotated[Duration, Ge(SECOND)] = 5 * SECOND
    """How long each server has to answer a query."""
    attempts: Annotated[int, Gt(0)] = 2
    """How often the list of servers is gone through."""
    single_request: bool = False
    """Ask for A and AAAA one after the other."""
