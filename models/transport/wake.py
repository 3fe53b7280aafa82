"""Wake: in which order goroutines go on whose contexts end at one instant. Not what they do then.

Sources: runtime/proc.go, runqputslow and globrunqget; context/context.go, cancelCtx.cancel.
"""

from collections.abc import Callable, Iterable, Iterator

from models.request import Request

RUN_BATCH = 130
"""So many callers left one after the other in E07: 128 come from the global run queue at once, where the local one had
sent them when it was full (globrunqget), and each 61st turn takes one more."""


def wake_order(waiting: Iterable[Request], draw: Callable[[], float]) -> Iterator[Request]:
    """The callers in the order in which they leave.

    Simplified: on one P, as GOMAXPROCS=1 has it; several take from the queue in turn.

    A context's children stand in a map, so their order is random. Within a batch of the run queue those who wait for
    a connection leave before those who are served: recorded in E06 and E07, where a closed connection's slot went to
    somebody who was still waiting 10, 9 and 8 times of 10, and once in three runs of 53 callers.
    """
    shuffled = sorted(waiting, key=lambda _: draw())
    for start in range(0, len(shuffled), RUN_BATCH):
        yield from sorted(shuffled[start : start + RUN_BATCH], key=_is_served)


def _is_served(request: Request) -> bool:
    return request.t_gotconn >= 0
