"""Lines of access logs, real ones among them, to stamps and response times."""

import pytest

from models.workload.log_format import JsonKeys, combined, envoy, json_line, nginx_timed, recognise
from sim.units import MS, SECOND, US

T = 1_795_476_708 * SECOND  # 2026-11-23 23:31:48 UTC
KEYS = JsonKeys("time", "request_time", "s")

# lines as nginx 1.22.1 and Envoy 1.40.0 wrote them
COMBINED = r'127.0.0.1 - - [23/Nov/2026:23:31:48 +0000] "GET /s?q=%22 HTTP/1.1" 204 0 "-" "a\x22b\x5Cc \xC3\xA9"'
TIMED = (
    '127.0.0.1 - - [23/Nov/2026:23:31:48 +0000] "GET / HTTP/1.1" 200 2 "-" "curl/7.88.1" rt=0.001 uct="-, 0.000" '
    'uht="-, 0.001" urt="0.000, 0.001" ua="127.0.0.1:18099, 127.0.0.1:18090" us="502, 200" cx=1 cr=1'
)
ENVOY = (
    '[2026-11-23T23:31:48.322Z] "GET /x HTTP/1.1" 200 - 0 2 17 1 "-" "curl/7.88.1" '
    '"00988142-ffeb-400b-a0c6-43ffb1fb8bec" "127.0.0.1:18091" "127.0.0.1:18090"'
)
REFUSED = '[2026-11-23T23:31:48.322Z] "GET /dead HTTP/1.1" 503 UF 0 98 0 - "-" "curl/7.88.1" "id" "h" "-"'
JSON = '{"time":"2026-11-23T23:31:48+00:00","request":"GET /x","request_time":0.021,"ua":"a\\"b\\\\c é"}'


def test_combined_has_a_stamp_and_no_response_time() -> None:
    assert combined(COMBINED) == (T, 0)


@pytest.mark.parametrize(
    "line",
    [
        '10.0.0.1 - - [23/Nov/2026:23:31:48 +0000] "" 400 0 "-" "-"',  # nginx on an empty request
        "10.0.0.1 - a b [24/Nov/2026:01:31:48 +0200] " + '"GET / HTTP/1.1" 200 - "-" "-"',
        '10.0.0.1 - - [23/Nov/2026:18:01:48 -0530] "GET /a\\"b HTTP/1.1" 200 5',  # common, without the two last fields
    ],
)
def test_odd_combined_lines_are_read(line: str) -> None:
    assert combined(line) == (T, 0)


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        (" 0.250", (T, 250 * MS)),
        (" 0.250 0.200", (T, 250 * MS)),
        (' "0.250" "0.1, 0.2"', (T, 250 * MS)),
        (" rt=0.250 urt=0.200 msec=1795476708.154", (T + 154 * MS, 250 * MS)),
        (' request_time="0.250"', (T, 250 * MS)),
        (' "forwarded for" 0.250', (T, 250 * MS)),
    ],
)
def test_a_request_time_follows_the_user_agent(tail: str, expected: tuple[int, int]) -> None:
    assert nginx_timed(COMBINED + tail) == expected


def test_nginx_with_timings_is_read_as_it_was_written() -> None:
    assert nginx_timed(TIMED) == (T, MS)


@pytest.mark.parametrize(("line", "duration"), [(ENVOY, 17 * MS), (REFUSED, 0)])
def test_envoy_has_its_start_and_milliseconds(line: str, duration: int) -> None:
    assert envoy(line) == (T + 322 * MS, duration)


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ('"2026-11-23T23:31:48+00:00"', T),
        ('"2026-11-24T01:31:48.5+0200"', T + 500 * MS),
        ('"2026-11-23 23:31:48,25Z"', T + 250 * MS),
        ('"2026-11-23T23:31:48.123456789123"', T + 123_456_789),
        ("1795476708", T),
        ("1795476708.000001", T + US),
        ("1795476708154", T + 154 * MS),
        ('"1795476708.154"', T + 154 * MS),
    ],
)
def test_json_stamps_are_iso_or_since_1970(stamp: str, expected: int) -> None:
    assert json_line(f'{{"time": {stamp}, "request_time": 1}}', KEYS) == (expected, SECOND)


@pytest.mark.parametrize(
    ("unit", "written", "expected"),
    [("s", "0.0215", 21_500_000), ("ms", "21.5", 21_500_000), ("us", '"7"', 7000), ("ns", "9", 9)],
)
def test_json_durations_have_the_unit_that_was_stated(unit: str, written: str, expected: int) -> None:
    keys = JsonKeys("ts", "took", unit)  # type: ignore[arg-type]  # one of the four literals

    assert json_line(f'{{"ts": 1795476708, "took": {written}}}', keys).duration == expected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not a JSON object"),
        ("[1]", "not a JSON object"),
        ("[" * 100_000, "not a JSON object"),
        ('{"ts": 1}', "no key time among ts"),
        ('{"time": 1, "request_time": null}', "no key request_time among time, request_time"),
        ('{"time": 1, "request_time": "-"}', "- is not a number"),
        ('{"time": 1, "request_time": true}', "True is not a number"),
        ('{"time": 1, "request_time": NaN}', "nan is not a finite number"),
        ('{"time": 1, "request_time": -1}', "-1 lies below 0"),
        ('{"time": 1, "request_time": 1e6}', "1e6 lies beyond 24 hours or the year 2100"),
        ('{"time": "yesterday", "request_time": 1}', "yesterday is not a time stamp"),
        ('{"time": NaN, "request_time": 1}', "nan is not a time stamp"),
        ('{"time": 1e300, "request_time": 1}', "1e300 lies beyond 24 hours or the year 2100"),
        ('{"time": "1969-12-31T00:00:00Z", "request_time": 1}', "1969-12-31 lies before 1970"),
        ('{"time": "2026-02-30T00:00:00Z", "request_time": 1}', "day is out of range for month"),
    ],
)
def test_a_json_line_that_cannot_be_read_has_a_reason(line: str, reason: str) -> None:
    with pytest.raises(ValueError) as caught:
        json_line(line, KEYS)

    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("parse", "line", "reason"),
    [
        (combined, "hello", "no [time stamp] and quoted request"),
        (combined, COMBINED.replace("Nov", "Nox"), "is not a time stamp"),
        (combined, COMBINED.replace("23/Nov", "31/Nov"), "day is out of range"),
        (nginx_timed, COMBINED, "no request time after the user agent"),
        (nginx_timed, COMBINED + " rt=-", "no request time after the user agent"),
        (nginx_timed, "hello", "no [time stamp] and quoted request"),
        (envoy, COMBINED, "no [time stamp] and quoted request"),
        (envoy, ENVOY.replace(" 17 ", " - "), "- is not a number"),
        (envoy, ENVOY.replace("T23:", "U23:"), "is not a time stamp"),
    ],
)
def test_a_text_line_that_cannot_be_read_has_a_reason(parse, line: str, reason: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError) as caught:
        parse(line)

    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("line", "name"),
    [(COMBINED, "combined"), (TIMED, "nginx_timed"), (ENVOY, "envoy"), (JSON, "json"), ("hello", "combined")],
)
def test_a_format_is_recognised_by_a_line(line: str, name: str) -> None:
    assert recognise(line) == name
