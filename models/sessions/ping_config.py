"""What a user says about the pings of one end of a connection; and what libraries do by themselves.

Sources: gorilla/websocket, examples/chat (client.go); websockets/ws README (How to detect and close broken
connections); Python websockets, signature of connect() and serve(); OkHttp, OkHttpClient.pingInterval; .NET,
WebSocketOptions.KeepAliveInterval.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import Ge

from sim.units import Duration, format_duration

PRESETS: dict[str, dict[str, Any]] = {
    "none": {},
    "gorilla_chat": {"every": "54s", "pong_wait": "60s"},
    "ws_readme": {"every": "30s", "timeout": "30s", "aligned": True},
    "websockets": {"every": "20s", "timeout": "20s"},
    "aspnet": {"every": "2m"},
}
"""none: browsers, gorilla/websocket, coder/websocket, ws, OkHttp by default; aspnet asks and awaits no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PingConfig:
    """Pings of one end. A text is short for one of: none, gorilla_chat, ws_readme, websockets, aspnet."""

    every: Annotated[Duration, Ge(0)] = 0
    """From one ping to the next, the first so long after the opening; 0 sends none."""
    timeout: Annotated[Duration, Ge(0)] = 0
    """How long the answer to a ping may take, at most `every`, until the peer counts as dead; 0 means for ever."""
    pong_wait: Annotated[Duration, Ge(0)] = 0
    """How long nothing but silence may follow the last pong until the peer counts as dead, more than `every` (the read
    deadline of gorilla's example); 0 means for ever."""
    aligned: bool = False
    """Whether one ticker of the program pings all its connections in the same instant (setInterval of ws' README),
    instead of a ticker for each from its opening."""

    def __post_init__(self) -> None:
        if not self.every and (self.timeout or self.pong_wait):
            raise ValueError("every: nothing is asked, so no answer can be missed; write how often a ping is sent")
        if self.timeout > self.every:
            raise ValueError(
                f"timeout: {format_duration(self.timeout)} is longer than every, {format_duration(self.every)}, and one"
                " ping at a time is awaited; write at most that"
            )
        if self.pong_wait and self.pong_wait <= self.every:
            raise ValueError(
                f"pong_wait: {format_duration(self.pong_wait)} ends before the next pong can come, after"
                f" {format_duration(self.every)}; write more than that"
            )
        if self.timeout and self.pong_wait:
            raise ValueError("pong_wait: stands beside timeout; write one of them")

    @classmethod
    def __fill__(cls, tree: Any) -> Any:
        """`client: websockets` is short for its mapping."""
        if not isinstance(tree, str):
            return tree
        if tree not in PRESETS:
            raise ValueError(f"{tree!r} is none of {', '.join(PRESETS)}; write one of them, or every, timeout ...")
        return PRESETS[tree]
