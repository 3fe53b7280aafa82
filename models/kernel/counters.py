"""Counters of a kernel by the names of /proc/net/snmp and /proc/net/netstat. They decide nothing."""

_OF_TCP = frozenset({"EstabResets", "OutRsts", "RetransSegs"})
"""Those of the group Tcp; the others are of TcpExt."""


def kernel_counters() -> dict[str, int]:
    """The counters that an end of a connection moves, at zero."""
    return dict.fromkeys(("EstabResets", "OutRsts", "RetransSegs", "TCPAbortOnClose", "TCPAbortOnData"), 0)


def full_name(side: str, name: str) -> str:
    """The name with its side and group: client.TcpExt.TW.

    Examples
    --------
    >>> full_name("client", "OutRsts")
    'client.Tcp.OutRsts'
    """
    return f"{side}.{'Tcp' if name in _OF_TCP else 'TcpExt'}.{name}"
