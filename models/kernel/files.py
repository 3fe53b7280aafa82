"""File descriptors of one process against RLIMIT_NOFILE. It does not know what they are descriptors of."""

from models.kernel.sysctl import KernelConfig

RLIM_INFINITY = 1 << 62
"""No limit."""


class Files:
    """One descriptor per socket, from socket() or accept() to close(); Go raises the soft limit to the hard one."""

    __slots__ = ("is_open", "limit", "opened")

    def __init__(self, config: KernelConfig) -> None:
        self.limit = config.nofile or RLIM_INFINITY
        """The soft limit now; setrlimit(2) may lower it below what is in use."""
        self.is_open = 0
        """Descriptors in use."""
        self.opened = 0
        """Sockets created so far."""

    def open(self) -> bool:
        """Take a descriptor; False is EMFILE, "too many open files" (fs/file.c, alloc_fd)."""
        if self.limit <= self.is_open:
            return False
        self.is_open += 1
        self.opened += 1
        return True

    def close(self) -> None:
        assert self.is_open > 0, "a descriptor is closed that was never opened"
        self.is_open -= 1
