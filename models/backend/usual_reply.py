"""Usual reply: what a service does with every request, by its configuration. Not what single requests ask for.

The plan itself is a `Reply` (models/reply.py).
"""

from models.backend.config import ServiceConfig
from models.reply import AS_CONFIGURED, PLAIN, Framing, Reply, Upload


def usual_reply(config: ServiceConfig) -> Reply | None:
    """The plan of a service, where an answer takes more than one step; None where it does not."""
    reply = Reply(
        body_bytes=AS_CONFIGURED,
        framing=Framing[config.response_framing.upper()],
        pause=config.response_pause,
        interim=config.interim,
        interim_gap=config.interim_gap,
        upload=Upload.READ if config.reads_body else Upload.LEFT,
    )
    return None if reply == PLAIN else reply
