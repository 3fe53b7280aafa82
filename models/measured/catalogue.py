"""Catalogue: which measurement is played by which set-up. A measurement that is not in it is not reproduced."""

from collections.abc import Callable, Iterator, Mapping

from models.measured import (
    allocation,
    binding,
    carrying,
    closing,
    lingering,
    opening,
    queues,
    searching,
    silence,
    takeover,
    texts,
)
from models.measured.facts import Facts
from models.measured.quantity import Quantity

Reproduction = Callable[[Facts], Iterator[Quantity]]
"""From a measurement to its quantities, each with what is simulated."""

REPRODUCTIONS: Mapping[str, Reproduction] = {
    "alloc-100": allocation.order,
    "alloc-n-200": allocation.ranges,
    "alloc-n-20": allocation.ranges,
    "alloc-odd-low": allocation.ranges,
    "alloc-odd-size": allocation.ranges,
    "alloc-reserved": allocation.ranges,
    "alloc-n-1": allocation.ranges,
    "alloc-n-2": allocation.ranges,
    "alloc-two-dst": allocation.two_destinations,
    "alloc-timewait": allocation.time_wait,
    "alloc-rst-reuse": allocation.reset_at_once,
    "alloc-start": allocation.fresh_namespaces,
    "alloc-bind": binding.bind_before_connect,
    "tw-life": lingering.time_wait,
    "fin-wait2": lingering.fin_wait2,
    "syn-schedule": opening.syns,
    "synack": opening.synacks,
    "rto": silence.silent_peer,
    "tw-reuse": takeover.reuse,
    "backlog": queues.backlog,
    "backlog-burst": queues.burst,
    "limbo": queues.limbo,
    "syn-queue": queues.syn_queue,
    "tw-overflow": lingering.overflow,
    "tw-reuse-delay-range": takeover.delay_range,
    "transitions": closing.transitions,
    "connect-cost": searching.cost,
    "transfer": carrying.transfer,
    "loss": carrying.loss,
    "alloc-shared": allocation.shared_pointer,
    "alloc-bind-reuseaddr": binding.reuse_address,
    "cookie-data": queues.cookie_data,
    "eaddrnotavail-trace": allocation.no_port_trace,
    "alloc-bind-release": binding.released,
    "alloc-bind-timewait": binding.time_wait_of_bound,
    "simultaneous-close": closing.simultaneous,
    "tw-syn": closing.syn_at_time_wait,
    "idle-restart": carrying.idle_restart,
    "delack-nagle": carrying.writes,
    "memory": carrying.sizes,
    "handshake-loss": opening.handshake_loss,
    "blackhole": silence.black_hole,
    "orphan-retries": silence.orphans,
    "keepalive": silence.keep_alive,
    "tw-explicit-port": binding.explicit_port,
    "cliff-rate": searching.cliff,
    "tw-reuse-own-address": takeover.own_address,
    "go-texts": texts.go_texts,
}
"""By the id of the measurement, in the order of the file."""
