"""The door in front of the routes."""

import msgspec
import pytest

from marketswarm.simulator.answers import Refused, plain
from marketswarm.simulator.plans import Plan, Plans
from marketswarm.simulator.routing import Call, Door, Route
from marketswarm.simulator.switches import read_switches
from marketswarm.simulator.terms import Terms


class Desk:
    """A door with a clock that is moved by hand, and a route behind it that always answers."""

    def __init__(
        self, *settings: str, options: str = "basic", stocks: str = "none", indices: str = "none"
    ) -> None:
        plans = Plans(Plan("options", options), Plan("stocks", stocks), Plan("indices", indices))
        self.now_ms = 0
        terms = Terms(plans, read_switches(settings))
        self.door = Door(lambda: terms, lambda: self.now_ms)

    def ask(self, route: Route, account: str = "a", ticker: str = "SPY"):
        """Status and body of one call."""
        try:
            answer = self.door.guard(route)(Call("/", {"ticker": ticker}, {}, "http://base", account))
        except Refused as refused:
            answer = refused.answer
        return answer.status, msgspec.json.decode(answer.body), answer.headers


def route(right="reference", of=None) -> Route:
    """A route that needs something of a plan."""
    return Route(lambda _call: plain({}), right, of)


def test_what_a_plan_lacks():
    """What a plan does not include is refused with 403 and the vendor's sentence."""
    status, body, _ = Desk().ask(route("snapshots", "options"))
    assert status == 403
    assert body["status"] == "NOT_AUTHORIZED"
    assert body["message"].startswith("You are not entitled to this data. Please upgrade your plan at ")
    assert len(body["request_id"]) == 32


def test_the_class_of_a_ticker():
    """Where the ticker tells the class, that class's plan decides."""
    desk, quotes = Desk(options="advanced", stocks="starter"), route("quotes", "ticker")
    assert [desk.ask(quotes, ticker=t)[0] for t in ("O:SPY261123C00680000", "SPY", "I:SPX")] == [
        200,
        403,
        403,
    ]


def test_calls_a_minute():
    """The free plan answers five calls in any minute, per account; a refused call is not counted."""
    desk = Desk()
    contracts = route("reference", "options")
    assert [desk.ask(contracts)[0] for _ in range(7)] == [200] * 5 + [429] * 2
    assert desk.ask(contracts, account="b")[0] == 200
    desk.now_ms = 59_999
    assert desk.ask(contracts)[0] == 429
    desk.now_ms = 60_000
    assert [desk.ask(contracts)[0] for _ in range(6)] == [200] * 5 + [429]


def test_the_words_of_a_429():
    """A call too many is told so; when to come again only where the switch says so."""
    for settings, header in (((), None), (("retry-after=seconds",), "50")):
        desk = Desk(*settings)
        for _ in range(5):
            desk.ask(route())
        desk.now_ms = 10_000
        status, body, headers = desk.ask(route())
        assert (status, body["status"], headers.get("Retry-After")) == (429, "ERROR", header)
        assert body["error"].startswith("You've exceeded the maximum requests per minute")


@pytest.mark.parametrize(("stocks", "answered"), [("none", 5), ("basic", 5), ("starter", 9)])
def test_what_belongs_to_no_class(stocks, answered):
    """What belongs to no class is limited only where every plan is a free one."""
    desk = Desk(stocks=stocks)
    assert [desk.ask(route())[0] for _ in range(9)].count(200) == answered


def test_a_refusal_in_a_200():
    """The switch turns the refusal into a 200 with the same body."""
    status, body, _ = Desk("refusal-status=200").ask(route("quotes", "options"))
    assert (status, body["status"]) == (200, "NOT_AUTHORIZED")
