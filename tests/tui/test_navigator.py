"""Where Back leads, without a screen."""

from __future__ import annotations

from wizard.tui.navigator import STOPS, Navigator


def test_back_leads_to_the_stop_before_and_from_the_first_one_nowhere() -> None:
    way = Navigator()
    assert [way.back(stop) for stop in STOPS] == ["", *STOPS[:-1]]
    assert [way.after(stop) for stop in STOPS] == [*STOPS[1:], ""]
    assert way.after("") == ""


def test_a_screen_that_is_no_stop_has_nothing_before_it() -> None:
    assert Navigator().before("") == "" and Navigator().back("") == ""


def test_back_leads_home_once_the_functions_have_been_shown() -> None:
    way = Navigator()
    way.go("model", "home")
    way.go("", "model")
    assert way.back("model") == "home"


def test_back_leads_once_to_the_later_stop_that_opened_an_earlier_one() -> None:
    way = Navigator()
    way.go("sample", "deploy")
    assert [way.back("deploy"), way.back("deploy")] == ["sample", "review"]


def test_going_on_forgets_who_opened_a_stop() -> None:
    way = Navigator()
    way.go("review", "model")
    way.go("model", "access")
    assert way.back("access") == "model" and way.back("model") == ""
