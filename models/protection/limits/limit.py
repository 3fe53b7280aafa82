"""Limit: a guard that refuses or delays what is too much. What all limits have; each kind has a file of its own."""

from models.protection.guard import Guard
from models.status import TOO_MANY_REQUESTS


class Limit(Guard):
    """A guard that knows what its callers see when it refuses them."""

    refusal_text = "Too Many Requests"
    """The error's text, or that of the answer."""
    refusal_status = TOO_MANY_REQUESTS
    """Status of the answer; 0 where callers get an error of their own program, and no answer."""
