"""Columns: what each column of a run's tables means, for readers. How it is kept stands in `tables` and `samples`."""

from collections.abc import Mapping

REQUESTS: Mapping[str, str] = {
    "id": "number of the request, in order of creation",
    "workload": "the workload that it belongs to",
    "client": "the client's instance that sent it",
    "t_arrival": "the customer wants it: where latency begins",
    "t_getconn": "the Transport looks for a connection (httptrace GetConn)",
    "t_gotconn": "a connection carries it (GotConn); of the last attempt",
    "reused": "the connection had been in the pool before (GotConnInfo.Reused)",
    "was_idle": "the connection lay idle; false for one that somebody returned meanwhile (GotConnInfo.WasIdle)",
    "idle_time": "how long it lay idle (GotConnInfo.IdleTime)",
    "t_dns_start": "its own dial begins to resolve the name (DNSStart)",
    "t_dns_done": "the name is resolved, or not (DNSDone)",
    "t_conn_start": "its own dial begins to connect (ConnectStart)",
    "t_conn_done": "TCP is connected, or the last address has failed (ConnectDone)",
    "t_tls_start": "its own dial begins the TLS handshake (TLSHandshakeStart)",
    "t_tls_done": "the handshake is finished (TLSHandshakeDone)",
    "t_wrote": "the request is written (WroteRequest)",
    "t_first": "the first byte of the answer is here (GotFirstResponseByte)",
    "t_done": "the caller is done: body read to its end, or an error",
    "status": "HTTP status; 0 with an error",
    "err": "the last part of Go's error text; empty without an error; lab-end where the run ended first",
    "backend": "number of the backend behind the connection, over all services",
    "local_port": "the client's port of the connection",
    "conn_id": "the row of `connections` with the same `client`",
    "attempts": "connections that have carried it; 2 and more were sent again",
    "srv_q": "time in the backend's queue before a worker took it",
    "srv_s": "service time, as drawn or recorded; absent if it is never answered",
}

CONNECTIONS: Mapping[str, str] = {
    "conn_id": "number of the dial, per client's instance",
    "client": "the client's instance that dialed",
    "t_dial": "the dial begins: name, addresses, TCP, TLS",
    "t_connected": "TCP is connected",
    "lport": "local port; 0 where the dial got none",
    "remote": "service and number of the backend",
    "nreq": "requests that it has carried",
    "t_close": "the client closed it; absent while it is open, and for a failed dial",
    "t_read_err": "the client's reader saw the end of it",
    "read_err": "what the reader saw (EOF, reset), or `dial: ` and why a dial failed",
    "t_last_read": "the last answer was read to its end",
}

EVENTS: Mapping[str, str] = {
    "t": "when",
    "event": "what happens, or that it ends: of the timeline, or in a program",
    "backend": "the backend that it hits, over all services; -1 for what a client does",
    "client": "the instance of a client that does it; empty for a fault",
}

SOCKETS: Mapping[str, str] = {
    "t": "when the state changed",
    "server": "whether it is the server's end",
    "client": "number of the client's instance, as the scenario orders them, behind them fleets; -1 of a listener",
    "address": "number of the client's local address",
    "lport": "the client's port; 0 for a connect() that found none, and for a listener",
    "remote": "number of the dialed address: the backend's, over all services, or above them that of a virtual address;"
    " of a server's end, the backend's",
    "old": "the state before, as the kernel numbers it (include/net/tcp_states.h)",
    "new": "the state after it; 12, NEW_SYN_RECV, is a request that waits for the final ACK",
    "until": "when a TIME_WAIT that begins ends by itself",
}

CALLS: Mapping[str, str] = {
    "id": "number of its first request",
    "workload": "the workload that it belongs to",
    "client": "the client's instance that made it",
    "t_arrival": "the customer wants it: where latency begins",
    "t_done": "the customer has an answer or an error",
    "status": "HTTP status of what the customer got; 0 with an error",
    "err": "the error that the customer got; empty without one; lab-end where the run ended first",
    "last": "number of the request whose end was the customer's",
    "tries": "requests that were made for it, those that a guard refused too",
    "refused": "how many of them a guard refused",
    "copies": "how many of them were sent beside another (hedges)",
    "waited": "how long it waited at guards and before retries",
}

TUNING: Mapping[str, str] = {
    "t": "when the controller looked; all that it saw is of the window that ends then",
    "client": "the instance that it sets",
    "qps": "requests that began, per second",
    "p99": "P99 of the latencies of those that ended",
    "p99_volatility": "coefficient of variation of the P99s of the window's slices",
    "packet_size": "mean bytes of the requests that began",
    "burst_entropy": "entropy of the arrivals over the slices: 1 when they are even, 0 when all come in one",
    "lifetime_skewness": "skewness of the lifetimes of connections, closed in the window or still open",
    "concurrency": "requests under way towards the busiest host at a time, exceeded during 1 % of it",
    "lull": "longest time in which less than half of that was under way",
    "write_buffer_size": "what is set now: bytes",
    "max_concurrent_streams": "what is set now: 0 where there is no limit of the client's own",
    "max_idle_conns_per_host": "what is set now",
    "max_conns_per_host": "what is set now: 0 where there is no limit",
    "idle_conn_timeout": "what is set now: 0 where there is none",
    "moved": "settings that were changed by this look",
}

HANDSHAKES: Mapping[str, str] = {
    "t": "when it ended; of TLS 1.3 with client certificates, when the server had judged",
    "client": "the client's instance that began it",
    "backend": "number of the backend, over all services",
    "resumed": "a session was resumed",
    "err": "why it failed; empty where it did not",
}

CERTIFICATES: Mapping[str, str] = {
    "t": "when it came into use",
    "owner": "the client's instance, or the service and number of the backend",
    "not_after": "when its time is over",
    "left": "how much time the one before it had left, 0 where that was over; absent for a first one",
}

RPCS: Mapping[str, str] = {
    "id": "number of the request with the same id in `requests`",
    "workload": "the workload that it belongs to",
    "client": "the client's instance that made it",
    "t_arrival": "the customer wants it",
    "t_done": "the customer has an answer or a status",
    "code": "gRPC's status code: OK, UNAVAILABLE, ...; lab-end where the run ended first",
    "waited": "how long it waited for a READY connection, the last time; absent if it never got one",
    "retried": "how often it was sent again without its caller's knowledge",
}

SESSIONS: Mapping[str, str] = {
    "fleet": "the fleet that the device is of",
    "device": "number of the device in its fleet, from 0",
    "backend": "the backend that it dialed; absent where none was ready",
    "t_lost": "when it knew that its connection before was lost; absent for a first one, and after its user had left",
    "tries": "dials since then, this one included",
    "t_dial": "the dial begins",
    "t_connected": "TCP is connected",
    "t_up": "the protocol has opened: the session serves",
    "t_broke": "path or peer failed under it; absent where it ended otherwise",
    "t_noticed": "the device knows that it is over",
    "t_closed": "the device has closed its socket; absent while it is open",
    "t_server_noticed": "the server knows that it is over; absent where it never had it, or has it still",
    "why": "why the first end gave it up; `dial: ` before why it never came up; lab-end where the run ended first",
    "by": "which end that was: client or server, or the network",
    "misjudged": "an end gave it up for silence that would have ended by itself",
    "sent": "messages of the device that the server has read",
    "received": "messages of the server that the device has read",
    "pings": "pings that either end has sent",
    "pongs": "answers to them that came in",
}

PACKETS: Mapping[str, str] = {
    "t": "when",
    "client": "the client's instance whose connection it is",
    "conn_id": "the row of `connections` with the same `client`",
    "side": "which end tells: client or server",
    "event": "packet_sent, packet_received, packet_lost, packet_dropped, or key_retired where 0-RTT was rejected",
    "type": "initial, handshake, 0RTT or 1RTT",
    "number": "packet number in its space; 0RTT and 1RTT share one",
    "size": "bytes of the packet, without the padding of its datagram",
    "trigger": "why it is lost or dropped: reordering_threshold, time_threshold, key_unavailable",
    "window": "congestion window of that end after it, bytes",
    "under_way": "bytes in flight of that end after it",
    "rtt": "smoothed round-trip time of that end; absent before the first sample",
}

MESSAGES: Mapping[str, str] = {
    "fleet": "the fleet that published it",
    "device": "number of the device that did",
    "leg": "publish: from that device to the broker; deliver: from the broker to one device",
    "qos": "quality of service on this way: 0, 1 or 2",
    "t_published": "the application published it",
    "t_queued": "it came to the end that sends it here",
    "t_sent": "its PUBLISH was written for the first time",
    "t_received": "the other end had its first copy",
    "t_acked": "its sender knew that: PUBACK or PUBCOMP; absent for QoS 0",
    "sends": "how often its PUBLISH was sent; all but the first with DUP",
    "copies": "how often it arrived",
    "deliveries": "how often it was handed on: to subscribers, or to the application",
    "err": "why its sender gave it up; empty where it did not; lab-end where the run ended first",
}

BRIDGED: Mapping[str, str] = {
    "bridge": "the bridge",
    "fleet": "the fleet that published the message",
    "device": "number of the device that did, by which the bridge keeps order",
    "t_published": "the application published it",
    "t_received": "the bridge had it from the broker",
    "t_decoded": "it was decoded by its schema",
    "t_flushed": "its batch went",
    "t_done": "the service has answered the batch well; absent where it never did",
    "request": "number of the last request that carried it",
    "tries": "requests that did",
    "copy": "1, or more where the bridge had got it before",
    "overtaken": "a later message of its device had been answered before it was for the first time",
    "err": "why it was not passed on; empty where it was; lab-end where the run ended first",
}

ITEMS: Mapping[str, str] = {
    "workload": "the workload that it belongs to",
    "client": "the client's instance that puts it into a batch",
    "t_arrival": "the customer wants it: where latency begins",
    "t_joined": "a batch has taken it; later than its arrival where too many waited",
    "t_flushed": "its batch goes",
    "t_done": "it is answered, dropped, or has failed",
    "request": "number of the request that ended with its answer; -1 where there was none",
    "hops": "nodes that its last request passed to reach the one that worked at it, that one included",
    "status": "HTTP status of its request; 0 with an error",
    "err": "the error that its customer got; empty without one; lab-end where the run ended first",
}

BATCHES: Mapping[str, str] = {
    "request": "number of its request, of the last one where it was tried again",
    "workload": "the workload that it belongs to",
    "client": "the client's instance that made it",
    "t_opened": "its first item has joined",
    "t_flushed": "it goes: no earlier batch stands before it",
    "t_done": "its request has ended",
    "cause": "why it goes: items, bytes, linger, or end where nothing more arrived",
    "items": "how many it has",
    "forwarded": "how many of them the node that got it had to pass on",
    "bytes_before": "bytes of its items",
    "bytes_after": "bytes of the body that was sent",
    "packets_before": "segments that would have carried each item in a request of its own, uncompressed",
    "packets_after": "segments that carry its request",
}

SAMPLES: Mapping[str, str] = {
    "t": "instant of the sample",
    "inflight": "requests whose callers wait",
    "dialing": "dials under way: resolving, connecting or in a TLS handshake",
    "open_conns": "connections of all pools, busy and idle",
    "pool_idle": "idle connections of all pools",
    "pool_idle_wait": "entries in the queues for a returned connection",
    "conns_per_host": "slots taken of MaxConnsPerHost",
    "conns_per_host_wait": "entries in the queues for a slot of MaxConnsPerHost",
}
"""Of the levels; goroutines and socket states explain themselves by formula and name."""

MEANINGS: Mapping[str, Mapping[str, str]] = {
    "requests": REQUESTS,
    "connections": CONNECTIONS,
    "events": EVENTS,
    "calls": CALLS,
    "relayed": REQUESTS,
    "tuning": TUNING,
    "handshakes": HANDSHAKES,
    "certificates": CERTIFICATES,
    "rpcs": RPCS,
    "sessions": SESSIONS,
    "packets": PACKETS,
    "messages": MESSAGES,
    "bridged": BRIDGED,
    "items": ITEMS,
    "batches": BATCHES,
    "sockets": SOCKETS,
    "samples": SAMPLES,
}
"""Table to column to meaning."""
