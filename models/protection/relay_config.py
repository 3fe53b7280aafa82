"""What a user says about a service that asks another one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayConfig:
    """Every request of a service, after its service time, waits for the answer of another service."""

    client: str
    """The client that asks: backend i is its instance number i, modulo their number. No workload may have it."""
    service: str
    """The service that is asked."""
    propagates_deadline: bool = False
    """Whether the time that the caller has left goes along: what comes after it is not begun, and what is under way
    then is given up (grpc-timeout, x-envoy-expected-rq-timeout-ms). The caller's own cancel goes along with
    `honours_cancel`."""
