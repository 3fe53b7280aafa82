"""Fields that are mostly one number: 5 instead of {number: 5}."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class NumberOr:
    """Marks a dataclass field that may be written as a bare whole number, which then is its field `name`.

    Carries pydantic's hooks and imports pydantic inside them, as the markers of `sim.units` do.
    """

    name: str

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema as cs

        written = cs.wrap_serializer_function_ser_schema(self._write)
        return cs.no_info_before_validator_function(self._read, handler(source), serialization=written)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        return {"anyOf": [{"type": "integer"}, handler(schema)]}

    def _read(self, value: Any) -> Any:
        return {self.name: value} if isinstance(value, int) and not isinstance(value, bool) else value

    def _write(self, value: Any, handler: Any) -> Any:
        is_plain = value == type(value)(**{self.name: getattr(value, self.name)})
        return getattr(value, self.name) if is_plain else handler(value)
