"""Stacks: what the goroutines of a client are doing, frame by frame, in each of their states. Not how many there are.

Source: go_transport.md, 5.3, taken from Go 1.27.3 as `debug=2` prints them. The watchers of a connect and of a
handshake up to Go 1.25, and names of older versions, are from reading their source.
"""

import re
from collections.abc import Mapping

from models.transport.config import minor
from models.transport.stack_places import PLACES
from sim.records.stack import Stack

_HTTP, _H2, _POLL, _TLS = "net/http", "net/http/internal/http2", "internal/poll", "crypto/tls"
_WITHIN = re.compile(r"(\.func\d+(\.\d+)*)+$")
_PARKED = {
    "IO wait": ("runtime.gopark", "runtime.netpollblock"),
    "select": ("runtime.gopark", "runtime.selectgo"),
    "chan receive": ("runtime.gopark", "runtime.chanrecv", "runtime.chanrecv1"),
    "sync.Cond.Wait": ("runtime.gopark",),
}
"""What a profile shows above the frames of a goroutine that waits, and a dump does not."""

_WAITS_TO_READ = (f"{_POLL}.runtime_pollWait", f"{_POLL}.(*pollDesc).wait", f"{_POLL}.(*pollDesc).waitRead")
_READ = (*_WAITS_TO_READ, f"{_POLL}.(*FD).Read", "net.(*netFD).Read", "net.(*conn).Read")
_TLS_RECORD = (f"{_TLS}.(*Conn).readFromUntil", f"{_TLS}.(*Conn).readRecordOrCCS", f"{_TLS}.(*Conn).readRecord")
_TLS_READ = (*_READ, *_TLS_RECORD, f"{_TLS}.(*Conn).Read")
_APPLICATION = ("main.call",)
_DO = (
    f"{_HTTP}.(*Transport).roundTrip", f"{_HTTP}.(*Transport).RoundTrip", f"{_HTTP}.send", f"{_HTTP}.(*Client).send",
    f"{_HTTP}.(*Client).do", f"{_HTTP}.(*Client).Do", *_APPLICATION,
)  # fmt: skip
_DIAL_CONN = f"{_HTTP}.(*Transport).dialConn"
_STARTED = f"{_HTTP}.(*Transport).startDialConnForLocked"
_DIALED = (_DIAL_CONN, f"{_HTTP}.(*Transport).dialConnFor", f"{_STARTED}.func1")
_DIAL = ("net.(*Dialer).DialContext", f"{_HTTP}.(*Transport).dial", *_DIALED)
_CONNECT = (
    f"{_POLL}.runtime_pollWait", f"{_POLL}.(*pollDesc).wait", f"{_POLL}.(*pollDesc).waitWrite",
    f"{_POLL}.(*FD).WaitWrite", "net.(*netFD).connect", "net.(*netFD).dial", "net.socket", "net.internetSocket",
    "net.(*sysDialer).doDialTCPProto", "net.(*sysDialer).doDialTCP", "net.(*sysDialer).dialTCP",
    "net.(*sysDialer).dialSingle", "net.(*sysDialer).dialSerial",
)  # fmt: skip
_BODY = (
    "bufio.(*Reader).Read", "io.(*LimitedReader).Read", f"{_HTTP}.(*body).readLocked", f"{_HTTP}.(*body).Read",
)  # fmt: skip
_READS = f"{_HTTP}.(*persistConn).Read"
_FRAME = (f"{_H2}.readFrameHeader", f"{_H2}.(*Framer).ReadFrameHeader", f"{_H2}.(*Framer).ReadFrame")


def _stack(reason: str, *frames: str, by: str) -> Stack:
    return Stack(reason=reason, above=_PARKED[reason], frames=frames, created_by=by)


def client_stacks(go_version: str, *, is_secure: bool) -> Mapping[str, tuple[Stack, ...]]:
    """What the goroutines of each state of `goroutines.client_states` do; several of one state in equal parts.

    Parameters
    ----------
    is_secure : whether connections speak TLS, through which reads go then.
    """
    read = _TLS_READ if is_secure else _READ
    has_watchers = minor(go_version) < 26
    loop = f"{_HTTP}.(*persistConn).readLoop"
    idle = _stack("IO wait", *read, _READS, "bufio.(*Reader).fill", "bufio.(*Reader).Peek", loop, by=_DIAL_CONN)
    body_open = _stack("select", loop, by=_DIAL_CONN)
    draining = f"{_HTTP}.maybeDrainBody"
    discard = ("io.(*LimitedReader).Read", "io.discard.ReadFrom", "io.copyBuffer", "io.Copy", "io.CopyN")
    drain = _stack("IO wait", *read, _READS, *_BODY, *discard, f"{draining}.func1", by=draining)
    reading = (*read, _READS, *_BODY, f"{_HTTP}.(*bodyEOFSignal).Read", "io.ReadAll", *_APPLICATION)
    round_trip = _stack("select", f"{_HTTP}.(*persistConn).roundTrip", *_DO, by="main.main")
    connect = _stack("IO wait", *_CONNECT, "net.(*sysDialer).dialParallel", *_DIAL, by=_STARTED)
    racer = _stack("IO wait", *_CONNECT, "net.(*sysDialer).dialParallel.func1", by="net.(*sysDialer).dialParallel")
    watcher = _stack("select", "net.(*netFD).connect.func2", by="net.(*netFD).connect")
    return {
        "caller_awaiting_conn": (_stack("select", f"{_HTTP}.(*Transport).getConn", *_DO, by="main.main"),),
        "caller_awaiting_headers": (round_trip,),
        "caller_reading_body": (_stack("IO wait", *reading, by="main.main"),),
        "read_loop_idle": (idle,),
        "read_loop_awaiting_headers": (idle,),
        "read_loop_body_being_read": (body_open,),
        "read_loop_body_unread": (body_open,),
        "read_loop_draining": (_stack("select", draining, loop, by=_DIAL_CONN),),
        "drain": (drain,),
        "write_loop": (_stack("select", f"{_HTTP}.(*persistConn).writeLoop", by=_DIAL_CONN),),
        **_of_http2(),
        "dial_resolving": (
            _stack(
                "select", "net.(*Resolver).lookupIPAddr", "net.(*Resolver).internetAddrList",
                "net.(*Resolver).resolveAddrList", *_DIAL, by=_STARTED,
            ),
        ),
        "lookup": _lookup(),
        "dial_connecting": (connect, watcher) if has_watchers else (connect,),
        "dial_racing": (racer, watcher) if has_watchers else (racer,),
        "dial_handshaking": _handshake(has_watchers),
        "dial_awaiting_proxy": (
            _stack("select", *_DIALED, by=_STARTED),
            _stack("IO wait", *_READ, "bufio.(*Reader).fill", f"{_DIAL_CONN}.func2", by=_DIAL_CONN),
        ),
    }  # fmt: skip


def place_of(function: str) -> str:
    """Where a function stands, as ``net/http/transport.go:2454``: one within another, where that one does."""
    own = PLACES.get(function)
    if own is not None:
        return own
    return PLACES.get(_WITHIN.sub("", function), "main.go:1")


def _of_http2() -> dict[str, tuple[Stack, ...]]:
    do = (
        f"{_H2}.(*ClientConn).roundTrip", f"{_H2}.(*ClientConn).RoundTrip", f"{_H2}.(*Transport).RoundTripOpt",
        f"{_H2}.(*Transport).RoundTrip", f"{_HTTP}.http2RoundTrip", f"{_HTTP}.http2RoundTripper.RoundTrip", *_DO,
    )  # fmt: skip
    pipe = (f"{_H2}.(*pipe).Read", f"{_H2}.transportResponseBody.Read", "io.ReadAll", *_APPLICATION)
    run = (f"{_H2}.(*clientConnReadLoop).run", f"{_H2}.(*ClientConn).readLoop")
    read = (*_TLS_READ, "bufio.(*Reader).Read", "io.ReadAtLeast", "io.ReadFull", *_FRAME, *run)
    stream = (f"{_H2}.(*clientStream).writeRequest", f"{_H2}.(*clientStream).doRequest")
    waits = ("sync.runtime_notifyListWait", "sync.(*Cond).Wait")
    return {
        "h2_caller_awaiting_headers": (_stack("select", *do, by="main.main"),),
        "h2_caller_reading_body": (_stack("sync.Cond.Wait", *waits, *pipe, by="main.main"),),
        "h2_read_loop": (_stack("IO wait", *read, by=f"{_H2}.(*Transport).newClientConn"),),
        "h2_stream": (_stack("select", *stream, by=f"{_H2}.(*ClientConn).roundTrip"),),
    }


def _lookup() -> tuple[Stack, ...]:
    resolver = "net.(*Resolver)"
    wait = _stack(
        "chan receive", f"{resolver}.goLookupIPCNAMEOrder.func4", f"{resolver}.goLookupIPCNAMEOrder",
        f"{resolver}.lookupIP", "net.init.func1", f"{resolver}.lookupIPAddr.func1",
        "internal/singleflight.(*Group).doCall", by="internal/singleflight.(*Group).DoChan",
    )  # fmt: skip
    query = _stack(
        "IO wait", *_READ, "net.dnsPacketRoundTrip", f"{resolver}.exchange", f"{resolver}.tryOneName",
        f"{resolver}.goLookupIPCNAMEOrder.func3.1", by=f"{resolver}.goLookupIPCNAMEOrder.func3",
    )  # fmt: skip
    return (wait, query, query)


def _handshake(has_watchers: bool) -> tuple[Stack, ...]:
    add_tls, conn = f"{_HTTP}.(*persistConn).addTLS", f"{_TLS}.(*Conn)"
    wait = _stack("chan receive", add_tls, *_DIALED, by=_STARTED)
    shake = _stack(
        "IO wait", *_READ, *_TLS_RECORD, f"{conn}.readHandshakeBytes", f"{conn}.readHandshake",
        f"{conn}.clientHandshake", f"{conn}.handshakeContext", f"{conn}.HandshakeContext", f"{add_tls}.func2",
        by=add_tls,
    )  # fmt: skip
    watcher = _stack("select", f"{conn}.handshakeContext.func2", by=f"{conn}.handshakeContext")
    return (wait, shake, watcher) if has_watchers else (wait, shake)
