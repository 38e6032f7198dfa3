"""A chain with what belongs beside it."""

import pytest

from marketswarm.cli.seen_chain import days_text, see_chain, seen_header
from marketswarm.errors import NoSuchChain
from marketswarm.model.contract import Greeks
from marketswarm.settings import Settings
from marketswarm.wiring import Swarm
from tests.support.builders import ladder


def test_spot_is_the_last_tick(environment, redis, live_chain) -> None:
    """Spot of the heartbeat goes before the one of the load; state and rate come from the stream."""
    live_chain(ladder())
    redis.hset("spot:SPX", "spot", "6808.5")
    seen = see_chain(Swarm(Settings.load()), "SPX")
    assert (seen.spot, seen.state, seen.updates_per_s) == (6808.5, "live", 812.5)
    assert [rung.strike for rung in seen.ladder().rungs if rung.is_atm] == [6810]
    assert "6,808.50" in seen_header(seen).plain


def test_without_a_tick_spot_is_the_load_s(environment, redis, commit, clock) -> None:
    """Before the first tick the spot of the load is shown; days count from New York's date."""
    commit(ladder())
    seen = see_chain(Swarm(Settings.load(), clock), "SPX")
    assert (seen.spot, seen.days, seen.age_ms) == (6801.5, 0, 0)


def test_nothing_stored(environment, redis) -> None:
    """A chain that nobody stored is an error that says so."""
    with pytest.raises(NoSuchChain):
        see_chain(Swarm(Settings.load()), "SPX")


def test_whose_greeks(environment, redis, commit, clock) -> None:
    """The header names the source of the chain's greeks, and is silent where there are none."""
    commit(ladder())
    assert "greeks" not in seen_header(see_chain(Swarm(Settings.load(), clock), "SPX")).plain
    commit(ladder(greeks=Greeks(source="local", absent="no-bid", ts=2000)))
    assert "sim data, local greeks" in seen_header(see_chain(Swarm(Settings.load(), clock), "SPX")).plain


@pytest.mark.parametrize(("days", "text"), [(-1, "expired"), (0, "today"), (1, "1 day"), (27, "27 days")])
def test_days_in_words(days: int, text: str) -> None:
    """Days to the expiration as people say them."""
    assert days_text(days) == text


def test_delayed_is_said_in_the_header(environment, redis, live_chain) -> None:
    """Beside the state, with how quotes come."""
    live_chain(ladder())
    redis.hset("chainmeta:SPX:2026-11-23", mapping={"delayed": 1, "quotes": "none"})
    header = seen_header(see_chain(Swarm(Settings.load()), "SPX")).plain
    assert "DELAYED   no quotes" in header
