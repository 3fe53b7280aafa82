"""A commented scenario to start from."""

from sim.scenario import Loader, resolve, template
from tests.sim.scenario.sample import TEXT, Sample

LOADER = Loader(Sample)
TREE = resolve(LOADER.load(TEXT, "g.yaml"))


def test_the_template_loads_as_the_tree_that_it_shows() -> None:
    assert resolve(LOADER.load(template(Sample, TREE), "new.yaml")) == TREE


def test_each_key_is_followed_by_the_first_sentence_on_it() -> None:
    text = template(Sample, TREE)

    assert "# How long it runs\n" in text
    assert "# Idle connections over all hosts; 0 means no limit\n" in text
    assert "# How long a connection may stay idle, e.g. 90 s\n" in text
    assert "A second sentence" not in text


def test_the_callers_name_stands_first() -> None:
    assert template(Sample, {"duration": "5s"}, "mine").startswith("name: mine ")
