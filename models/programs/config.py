"""What a user says about the program of a backend."""

from dataclasses import dataclass

from models.programs.cache import CacheConfig
from models.programs.calls import CallConfig
from models.programs.cpu import CpuConfig
from models.programs.go_config import GoConfig
from models.programs.jvm_config import JvmConfig
from sim.engine.distributions import Constant, Delay


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramConfig:
    """A backend whose times emerge: what a request costs is stated, how long it takes depends on everybody else."""

    cpu: CpuConfig = CpuConfig()
    """Its processors. With a program, service_time and overhead of the service are CPU time."""
    io_time: Delay = Constant(value=0)
    """Time that a request waits without computing (disks, other services), drawn for each; after its computing."""
    connection_time: Delay = Constant(value=0)
    """CPU time that the first request of a connection costs besides its own: a handshake, a login, a session."""
    jvm: JvmConfig | None = None
    """Its heap, where it is a Java program: collections stop everything."""
    go: GoConfig | None = None
    """Its heap, where it is a Go program: collections run beside it and slow it down."""
    cache: CacheConfig | None = None
    """What it keeps of its answers, and the store behind it; after the computing of a request, before its calls."""
    calls: tuple[CallConfig, ...] = ()
    """What each request asks others for, one after the other, after its computing: a database, leaves."""

    def __post_init__(self) -> None:
        if self.jvm is not None and self.go is not None:
            raise ValueError("go: a program has one heap; write jvm or go")
