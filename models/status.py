"""Status: the HTTP statuses that somebody here answers with or judges by. Not gRPC's (protection/rules/status.py).

Sources: RFC 9110, section 15; RFC 6585, section 4 (429).
"""

from typing import Final

OK: Final = 200
TOO_MANY_REQUESTS = 429
SERVER_ERROR = FAILED_FROM = 500
"""Of a handler that panics; and what counts as failed, from here on."""
BAD_GATEWAY = 502
SERVICE_UNAVAILABLE = 503
GATEWAY_TIMEOUT = 504
