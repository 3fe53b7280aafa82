"""File descriptors of one process against RLIMIT_NOFILE. It does not know what they are descriptors of."""

from models.kernel.sysctl import KernelConfig


class Files:
    """One descriptor per socket, from socket() or accept() to close(); Go raises the soft limit to the hard one."""

    __slots__ = ("_limit", "is_open")

    def __init__(self, config: KernelConfig) -> None:
        self._limit = config.nofile
        self.is_open = 0
        """Descriptors in use."""

    def open(self) -> bool:
        """Take a descriptor; False is EMFILE, "too many open files" (fs/file.c, alloc_fd)."""
        if 0 < self._limit <= self.is_open:
            return False
        self.is_open += 1
        return True

    def close(self) -> None:
        assert self.is_open > 0, "a descriptor is closed that was never opened"
        self.is_open -= 1
