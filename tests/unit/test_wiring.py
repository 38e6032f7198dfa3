"""Where connections are made and stages joined: which servers are refused, and what the doors' calls do."""

from datetime import timedelta

import pytest

from marketswarm.errors import BadArgument, SettingsError, UnknownSymbol
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.settings import Settings
from marketswarm.wiring import Swarm
from tests.support.builders import DAY, SPX
from tests.support.fakes import FakeMarket


def settings(**values: str) -> Settings:
    """Settings of one symbol, whatever the environment says."""
    return Settings.model_validate(
        {"MARKETSWARM_SYMBOLS": "SPX", "MARKETSWARM_STRIKES_EACH_SIDE": 4} | values
    )


@pytest.fixture
def swarm(redis, valkey_url, clock) -> Swarm:
    """A swarm on an empty server with a provider that does as it is told."""
    made = Swarm(settings(MARKETSWARM_REDIS_URL=valkey_url), clock)
    made.__dict__["market"] = FakeMarket()
    return made


def quiet(_step: str, _done: int, _total: int) -> None:
    """No progress."""


def test_without_a_server_the_error_says_how_to_get_one():
    """No URL and no running `up`: one line that names the variable."""
    with pytest.raises(SettingsError, match=r"MARKETSWARM_REDIS_URL is ''; allowed: .*marketswarm up"):
        _ = Swarm(settings()).redis


def test_without_a_key_the_error_says_how_to_do_without():
    """No key: one line that names the variable and the simulator."""
    with pytest.raises(SettingsError, match=r"MASSIVE_API_KEY is ''; allowed: .*marketswarm up"):
        _ = Swarm(settings()).market


def test_the_address_shows_no_password():
    """What errors and logs say of the server is masked."""
    assert (
        Swarm(settings(MARKETSWARM_REDIS_URL="redis://me:secret@host:1/0")).address
        == "redis://me:********@host:1/0"
    )


def test_a_load_takes_the_settings_for_what_is_not_said(swarm):
    """N is the configured one; the symbol may be written small."""
    report = swarm.load_chain("spx", "manual", progress=quiet)

    assert (report.symbol, report.contracts) == ("SPX", 18)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"symbol": "IWM"}, UnknownSymbol, "symbol is 'IWM', which is not configured; allowed: SPX"),
        ({"symbol": 17}, UnknownSymbol, "symbol is 17"),
        ({"strikes_each_side": -1}, BadArgument, "strikes_each_side is -1"),
        ({"expiration": "soon"}, BadArgument, "expiration is 'soon'; allowed: a date such as 2026-11-23"),
        ({"expiration": 20261123}, BadArgument, "expiration is 20261123"),
        (
            {"reason": "boredom"},
            BadArgument,
            "reason is 'boredom'; allowed: startup, manual, drift, roll, gap, audit",
        ),
    ],
)
def test_bad_arguments_are_named(swarm, arguments, error, words):
    """Name, value and what is allowed, before the provider is asked."""
    with pytest.raises(error) as refused:
        swarm.load_chain(**({"symbol": "SPX", "reason": "manual", "progress": quiet} | arguments))

    assert str(refused.value).startswith(words)
    assert swarm.market.calls == []


def test_a_tick_asks_for_what_drift_demands(swarm):
    """A spot that left its window is extended; one that stayed is not."""
    asked = []
    swarm.load_chain("SPX", "startup", progress=quiet)
    swarm.tick(None, asked.append)
    assert asked == []

    swarm.clock.advance(10)
    swarm.market.spot = 6821.0
    swarm.tick(None, asked.append)

    assert asked == ["SPX"]


def test_a_tick_asks_for_an_evaluation_of_each_symbol(swarm):
    """Once a slot, after it is published; a broker that is away costs the tick nothing."""
    asked = []
    swarm.tick(None, asked.append, lambda symbol: asked.append(swarm.spots.last(symbol)["spot"]))
    assert asked == ["6801.5"]
    swarm.tick(None, asked.append, asked.append)
    assert asked == ["6801.5"]

    def away(_symbol):
        raise ConnectionError

    swarm.clock.advance(10)
    assert swarm.tick(None, away, away).published == 1


def test_an_evaluation_goes_through_the_same_door(swarm):
    """The symbol may be written small; one that is not configured, or none at all, is named before anything is read."""
    swarm.tick(None, quiet)

    assert swarm.evaluate("spx").judged == 1
    for symbol in ("IWM", 17, None, ["SPX"]):
        with pytest.raises(UnknownSymbol, match=r"which is not configured; allowed: SPX"):
            swarm.evaluate(symbol)


def test_a_dead_stream_is_called_by_its_name(swarm, redis):
    """A live chain without a writer is stale."""
    swarm.load_chain("SPX", "startup", progress=quiet)
    redis.hset("chainmeta:SPX:2026-11-23", "state", "live")

    assert swarm.attend() == ["SPX 2026-11-23"]
    assert swarm.chains.meta(SPX).state == "stale"


def test_the_request_behind_a_load_reaches_the_chain(swarm, redis):
    """The id that came with the task is in the meta."""
    swarm.load_chain("SPX", "gap", request="r1", progress=quiet)

    assert redis.hget("chainmeta:SPX:2026-11-23", "request") == b"r1"


def test_extending_goes_through_the_same_door(swarm):
    """The window moves to where spot is."""
    swarm.load_chain("SPX", "startup", progress=quiet)
    swarm.market.spot = 6821.0

    assert swarm.extend_chain("SPX", progress=quiet).added == 8


def test_chains_roll_when_their_expiration_has_closed(swarm):
    """Before the close nothing is asked for, at the close the next chain is."""
    asked = []

    def ask(symbol, *, ahead):
        asked.append((symbol, ahead))

    swarm.load_chain("SPX", "startup", progress=quiet)
    assert swarm.roll(ask) == []

    close_ms = us_options_calendar().session(DAY).close_ms
    swarm.clock.step((close_ms - swarm.clock.now_ms()) / 1000)

    assert swarm.roll(ask) == ["SPX"]
    assert asked == [("SPX", False)]


def test_the_next_chain_is_loaded_beside_the_one_in_force(swarm):
    """A load ahead of the roll stores Tuesday's chain and leaves Monday's in force."""
    swarm.market.days.append(DAY + timedelta(days=1))
    swarm.load_chain("SPX", "startup", progress=quiet)

    report = swarm.load_chain("SPX", "roll", ahead=True, progress=quiet)

    assert report.expiration == "2026-11-24"
    assert swarm.chains.current_expiration("SPX") == DAY


def test_the_market_is_open_by_the_calendar_or_always(valkey_url):
    """Live the calendar decides; on the simulator it is always open."""
    sunday_ms = 1_795_338_000_000
    live = Swarm(settings(MARKETSWARM_REDIS_URL=valkey_url, MARKETSWARM_SOURCE="live"))
    sim = Swarm(settings(MARKETSWARM_REDIS_URL=valkey_url, MARKETSWARM_SOURCE="sim"))

    assert (live.in_session(sunday_ms), sim.in_session(sunday_ms)) == (False, True)


def test_a_stream_is_joined_from_the_settings(swarm):
    """The stream of the configured symbols, with nothing connected yet."""
    with_key = Swarm(
        settings(MARKETSWARM_REDIS_URL=swarm.settings.redis_url, MASSIVE_API_KEY="key"), swarm.clock
    )

    assert with_key.stream(lambda _symbol, _reason, _request: None).status()["feed"] == "idle"
