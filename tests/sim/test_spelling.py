from sim.spelling import way_out


def test_the_known_name_that_it_resembles_is_the_way_out() -> None:
    assert way_out("error_ratoi", ["lat_p99", "error_ratio"]) == "did you mean error_ratio?"


def test_else_those_that_are_known_are_named_as_far_as_a_line_has_room() -> None:
    assert way_out("x", ["rate", "hold"]) == "known here: rate, hold"
    assert way_out("x", [f"name{i}" for i in range(13)]).endswith("name10, name11 ...")


def test_where_nothing_is_known_it_says_so() -> None:
    assert way_out("x", []) == "known here: none"
