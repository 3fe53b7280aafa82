"""What a run's pictures take from its scenario."""

from sim.report.chart_timeline import Event
from sim.report.run_pictures import events_of


def test_kinds_that_an_entry_of_the_timeline_has_not_are_no_events() -> None:
    resolved = {"at": "30s", "pause": {"service": "", "backend": 0, "for": "2s"}, "die": None, "drop": None}

    assert events_of({"timeline": [resolved]}) == [Event("pause backend 0", 30.0, 32.0)]


def test_what_is_over_at_once_is_an_instant() -> None:
    entry = {"at": "30s", "close_idle": {"client": "gateway"}}

    assert events_of({"timeline": [entry]}) == [Event("close_idle client gateway", 30.0)]


def test_a_scenario_without_a_timeline_has_no_events() -> None:
    assert events_of({"timeline": []}) == events_of({}) == []


def test_what_an_entry_leaves_as_it_is_is_not_in_its_name() -> None:
    entry = {"at": "30s", "pause": {"backend": 0, "for": "2s", "mid_accept": False, "service": ""}}

    assert [event.name for event in events_of({"timeline": [entry]})] == ["pause backend 0"]
