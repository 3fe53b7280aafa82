"""Settings of a kernel as one entity, by their own names; what a file does not say is not known."""

from sim.lint.model import Field, Model

NAMES = {
    "tcp_tw_recycle": "net.ipv4.tcp_tw_recycle", "tcp_tw_reuse": "net.ipv4.tcp_tw_reuse",
    "tcp_fin_timeout": "net.ipv4.tcp_fin_timeout", "tcp_max_tw_buckets": "net.ipv4.tcp_max_tw_buckets",
    "tcp_timestamps": "net.ipv4.tcp_timestamps", "tcp_syn_retries": "net.ipv4.tcp_syn_retries",
    "tcp_syncookies": "net.ipv4.tcp_syncookies", "tcp_max_syn_backlog": "net.ipv4.tcp_max_syn_backlog",
    "tcp_abort_on_overflow": "net.ipv4.tcp_abort_on_overflow", "tcp_keepalive_time": "net.ipv4.tcp_keepalive_time",
    "tcp_keepalive_intvl": "net.ipv4.tcp_keepalive_intvl", "tcp_keepalive_probes": "net.ipv4.tcp_keepalive_probes",
    "tcp_retries2": "net.ipv4.tcp_retries2", "tcp_slow_start_after_idle": "net.ipv4.tcp_slow_start_after_idle",
    "somaxconn": "net.core.somaxconn", "file_max": "fs.file-max", "nr_open": "fs.nr_open",
    "conntrack_max": "net.netfilter.nf_conntrack_max",
    "conntrack_time_wait": "net.netfilter.nf_conntrack_tcp_timeout_time_wait",
}  # fmt: skip


def read_settings(model: Model) -> None:
    """The one kernel of a file."""
    tree = model.document.tree
    fields = {name: Field((written,), "count", None) for name, written in NAMES.items()}
    fields["port_range"] = Field(("net.ipv4.ip_local_port_range",), "any", None)
    fields["reserved"] = Field(("net.ipv4.ip_local_reserved_ports",), "any", None)
    span = tree.get("net.ipv4.ip_local_port_range")
    low, high = span if isinstance(span, list) and len(span) == 2 else (None, None)
    ports = high - low + 1 if low is not None and high is not None and high >= low else None
    model.add(
        "kernel",
        (),
        fields,
        low=low,
        high=high,
        ports=ports,
        has_reserved=bool(tree.get("net.ipv4.ip_local_reserved_ports")),
    )
    for name in ("low", "high", "ports"):
        model.move("kernel", name, ("net.ipv4.ip_local_port_range",))
