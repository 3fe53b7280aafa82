"""HAR 1.2 as a JSON schema, written from the specification: what each object must have, and of which type."""

from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
SIZE: dict[str, Any] = {"type": "integer", "minimum": -1}
TIME: dict[str, Any] = {"type": "number", "minimum": -1}
DATE: dict[str, Any] = {
    "type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$",
}  # fmt: skip


def shape(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """An object; custom fields begin with an underscore, others are mistakes."""
    known = required | (optional or {}) | {"comment": TEXT}
    return {
        "type": "object", "required": [*required], "properties": known, "patternProperties": {"^_": {}},
        "additionalProperties": False,
    }  # fmt: skip


def list_of(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


PAIR = shape({"name": TEXT, "value": TEXT})
REQUEST = shape(
    {
        "method": TEXT, "url": {"type": "string", "format": "uri"}, "httpVersion": TEXT, "cookies": list_of(PAIR),
        "headers": list_of(PAIR), "queryString": list_of(PAIR), "headersSize": SIZE, "bodySize": SIZE,
    },
    {"postData": {"type": "object"}},
)  # fmt: skip
RESPONSE = shape(
    {
        "status": {"type": "integer"}, "statusText": TEXT, "httpVersion": TEXT, "cookies": list_of(PAIR),
        "headers": list_of(PAIR), "redirectURL": TEXT, "headersSize": SIZE, "bodySize": SIZE,
        "content": shape({"size": {"type": "integer"}, "mimeType": TEXT}, {"compression": SIZE, "text": TEXT}),
    }
)  # fmt: skip
TIMINGS = shape(
    {"send": TIME, "wait": TIME, "receive": TIME}, {"blocked": TIME, "dns": TIME, "connect": TIME, "ssl": TIME}
)
ENTRY = shape(
    {
        "startedDateTime": DATE, "time": {"type": "number", "minimum": 0}, "request": REQUEST, "response": RESPONSE,
        "cache": {"type": "object"}, "timings": TIMINGS,
    },
    {"pageref": TEXT, "serverIPAddress": TEXT, "connection": TEXT},
)  # fmt: skip
PAGE = shape({"startedDateTime": DATE, "id": TEXT, "title": TEXT, "pageTimings": {"type": "object"}})
LOG = shape(
    {"version": {"const": "1.2"}, "creator": shape({"name": TEXT, "version": TEXT}), "entries": list_of(ENTRY)},
    {"pages": list_of(PAGE), "browser": {"type": "object"}},
)
HAR = {"type": "object", "required": ["log"], "properties": {"log": LOG}}
