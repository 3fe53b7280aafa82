"""Actions as the article writes them: the text and the mapping say the same."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from models.protection.rules.action import AnyAction
from models.protection.rules.action_text import read_action

READ = [
    ("throttle: bucket=1000, refill=50/s", {"throttle": {"bucket": 1000, "refill": "50/s"}}),
    ("throttle:bucket=1,refill=3/m,start=empty", {"throttle": {"bucket": 1, "refill": "3/m", "start": "empty"}}),
    ("  break :  consecutive = 3 , timeout=10s ", {"break": {"consecutive": 3, "timeout": "10s"}}),
    ("break: max-requests=2", {"break": {"max_requests": 2}}),
    ("shed: for=5s, share=0.5", {"shed": {"for_": "5s", "share": 0.5}}),
    ("retry: retries=0, after=0", {"retry": {"retries": 0, "after": 0}}),
    ("annotate: note='slow, twice'", {"annotate": {"note": "slow, twice"}}),
    ("annotate", {"annotate": {}}),
    ("shed:", {"shed": {}}),
]
WRONG = [
    ("", '"" is no action; write one such as throttle: bucket=1000, refill=50/s'),
    ("throttle bucket=3", '"throttle bucket=3" is no action'),
    ("throtle: bucket=3", "column 1: unknown action throtle; did you mean throttle?"),
    ("throttle: bucket", "column 11: bucket is no setting; write throttle: bucket=1000, refill=50/s"),
    ("throttle: bucket=3, refil=5/s", "column 21: unknown setting refil; did you mean refill?"),
    ("throttle: bucket=0", "column 11: bucket: 0 should be greater than or equal to 1"),
    ("throttle: bucket=1.5", "column 11: bucket: 1.5 should be a whole number"),
    ("throttle: refill=50", "column 11: refill: 50 is not a rate; write a number and one of /s, /m, /h"),
    ("throttle: refill=0", "column 11: refill: 0 should be greater than 0"),
    ("throttle: start=half", "column 11: start: half should be full or empty"),
    ("throttle: bucket=3, bucket=4", "column 21: bucket is written twice; keep one"),
    ("throttle: bucket=3,", "column 19: nothing follows the comma; remove it"),
    ("shed: for=0s", "column 7: for: 0s should be greater than 0"),
    ("shed: share=2", "column 7: share: 2 should be less than or equal to 1"),
    ("shed: share=nan", "column 7: share: nan should be greater than 0"),
    ("shed: share=x", "column 7: share: x should be a number"),
]


@pytest.mark.parametrize(("text", "mapping"), READ)
def test_a_text_is_short_for_a_mapping(text: str, mapping: dict[str, Any]) -> None:
    assert read_action(text) == mapping


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_a_wrong_text_is_refused_with_its_column(text: str, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_action(text)

    assert str(caught.value).startswith(said)


SETTINGS = st.fixed_dictionaries({}, optional={
    "bucket": st.integers(1, 10**6), "refill": st.integers(1, 10**4).map("{}/s".format),
    "start": st.sampled_from(["full", "empty"]), "max_wait": st.integers(0, 10**6).map("{}us".format),
})  # fmt: skip


@given(SETTINGS)
def test_text_and_mapping_are_the_same_action(settings: dict[str, Any]) -> None:
    text = "throttle: " + ", ".join(f"{name}={value}" for name, value in settings.items())
    adapter: TypeAdapter[Any] = TypeAdapter(AnyAction)

    assert adapter.validate_python(read_action(text)) == adapter.validate_python({"throttle": settings})


@given(st.text("throlebuckf=,:/s 05.'\"", max_size=40))
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    try:
        read = read_action(text)
    except ValueError:
        return
    assert len(read) == 1
