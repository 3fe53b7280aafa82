"""Visit: where in a way somebody else's part of it lies. Not what it is called."""

from collections.abc import Mapping
from typing import Any

from sim.records.span import Visit


def visit_of(row: Mapping[str, Any], visit: Visit) -> tuple[int, int, int] | None:
    """When it came there, when it was served, when it was done, ns; None where it never came back.

    Notes
    -----
    The records say how long it lay and was served, not when: what is left of the time between the two instants, the way
    there and back, is taken to be the same before and after.
    """
    begin, end, place, served = (row.get(name) for name in (visit.begin, visit.end, visit.place, visit.served))
    if begin is None or end is None or served is None or place is None or place < 0:
        return None
    room = end - begin
    served = min(max(served, 0), room)
    waited = min(max(row.get(visit.waited) or 0, 0), room - served)
    came = begin + (room - served - waited) // 2
    return came, came + waited, came + waited + served
