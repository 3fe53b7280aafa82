"""The article's spelling as CEL: what is translated, what is left alone, and where errors then point."""

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from models.protection.rules.dialect import pieces_of, place_in, translate

TRANSLATED = [
    ("grpc-status == 8 && grpc-message ~ 'rate limit'", "grpc_status == 8 && grpc_message .matches('rate limit')"),
    ("grpc-message~'a'", "grpc_message.matches('a')"),
    ("grpc-message !~ 'a'", "!grpc_message .matches('a')"),
    ("error-class == 'reset'", "error_class == 'reset'"),
    ("status >= 500", "http_status >= 500"),
    ("http-status == 503", "http_status == 503"),
    ("grpc-status == UNAVAILABLE", "grpc_status == 14"),
    ("grpc-status-1 == 7", "grpc_status-1 == 7"),
    ("duration > 1.5s", "duration > duration('1500000000ns')"),
    ("duration > 1m30s", "duration > duration('90000000000ns')"),
    ("status == 503 // busy", "http_status == 503 "),
]
LEFT_ALONE = [
    "error == 'grpc-status ~ UNAVAILABLE 5s'",
    'error == "it\'s 5s"',
    r"error.matches(r'\d ~ 5s')",
    "error == '''grpc-status'''",
    "grpc_status == 8u",
    "attempt == 0x1F",
    "map.status == 3",
    "my_status == 3",
    "attempt > 1e3",
]


@pytest.mark.parametrize(("written", "cel"), TRANSLATED)
def test_the_articles_spelling_becomes_cel(written: str, cel: str) -> None:
    assert translate(written).cel == cel


@pytest.mark.parametrize("written", LEFT_ALONE)
def test_texts_numbers_and_members_are_left_alone(written: str) -> None:
    assert translate(written).cel == written


@pytest.mark.parametrize(("written", "said"), [
    ("grpc-message ~ 8", "column 15: ~ needs a text on its right"),
    ("grpc-message ~", "column 15: ~ needs a text on its right"),
    ("8 !~ 'a'", "column 3: !~ needs a field on its left"),
    ("!~ 'a'", "column 1: !~ needs a field on its left"),
])  # fmt: skip
def test_a_tilde_stands_between_a_field_and_a_text(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        translate(written)


def test_a_place_in_the_translation_is_the_place_of_what_was_written() -> None:
    written = "duration > 5s && grpc-message ~ 'a' && nope"
    translation = translate(written)

    column = translation.cel.index("nope") + 1

    assert translation.place(1, column) == written.index("nope")


def test_a_place_behind_the_end_is_the_end() -> None:
    assert translate("status ==  ").place(1, 40) == len("status ==")


def test_a_condition_of_several_lines_is_pointed_into_by_line_and_column() -> None:
    assert place_in("a == 1 &&\n nope", 11) == "line 2, column 2"


def test_conditions_that_differ_in_spelling_alone_have_the_same_pieces() -> None:
    assert pieces_of("grpc-status==8&&grpc-message ~'a'") == pieces_of("grpc_status == 8 && grpc_message.matches('a')")


WORDS = st.sampled_from(
    ["grpc-status", "status", "UNAVAILABLE", "5s", "'~'", " ", "==", "8", "&&", "(", ")", "x", "\n", "r'\\'", "é"]
)


@given(st.lists(WORDS).map("".join))
def test_every_place_leads_back_into_the_text(written: str) -> None:
    try:
        translation = translate(written)
    except ValueError:  # a ~ that stands between other things
        reject()

    lines = translation.cel.split("\n")
    places = [translation.place(i + 1, j + 1) for i, line in enumerate(lines) for j in range(len(line))]

    assert places == sorted(places)
    assert all(0 <= place <= len(written) for place in places)
