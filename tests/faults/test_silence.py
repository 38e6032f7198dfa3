"""Silence in session, on a virtual clock: how long until a chain that nothing is heard of says so, to the tenth of a second."""

import pytest
from redis import Redis

from tests.support.virtual_session import VirtualSession
from tests.support.virtual_vendor import TICK_S, Fault

SYMBOLS = ("SPY", "QQQ", "SPX")
SILENT_FROM_S, LOOK_S = 30.0, 0.1
NOTICED_S = 5.0


@pytest.fixture
def text_redis(valkey_url: str):
    """The server, answering in text."""
    client = Redis.from_url(valkey_url, decode_responses=True)
    yield client
    client.close()


def live_session(redis: Redis, url: str, kind: str, symbols: tuple[str, ...]) -> VirtualSession:
    """A session in which all chains are live until, from its thirtieth second on, that is wrong for twenty seconds."""
    faults = [Fault(kind, SILENT_FROM_S, 20.0)]
    session = VirtualSession(
        redis, url, 1, faults, symbols, is_audited=False
    )  # audits see it sooner, as a gap
    session.run(SILENT_FROM_S)
    assert session.is_live()
    return session


def noticed_s(session: VirtualSession, symbol: str) -> float:
    """How long behind the last word of a chain it is called stale; it is called live until then, and nothing else."""
    while (state := session.meta(symbol)["state"]) == "live":
        assert session.world.monotonic_s() < SILENT_FROM_S + 2 * NOTICED_S, "silence is never noticed"
        session.run(session.world.monotonic_s() + LOOK_S)
    assert state == "stale"
    return session.world.monotonic_s() - (SILENT_FROM_S - TICK_S)  # the last word may be a tick older


@pytest.mark.parametrize("symbols", [SYMBOLS[:1], SYMBOLS], ids=["one-chain", "three-chains"])
@pytest.mark.parametrize("kind", ["mute", "half-open"])
def test_a_feed_that_falls_silent_is_stale_within_five_seconds(text_redis, valkey_url, kind, symbols):
    """Connected and mute, or dead without a word: each chain is stored as stale five seconds after its last word at most."""
    session = live_session(text_redis, valkey_url, kind, symbols)

    assert max(noticed_s(session, symbol) for symbol in symbols) <= NOTICED_S


def test_one_that_falls_silent_among_others_is_stale_by_its_own_pace(text_redis, valkey_url):
    """After twenty of its usual pauses, a tick of the market each, and a second at most to see it; the others stay live."""
    session = live_session(text_redis, valkey_url, "mute QQQ", SYMBOLS)

    assert noticed_s(session, "QQQ") <= 20 * TICK_S + 1.0
    assert {session.meta(symbol)["state"] for symbol in ("SPY", "SPX")} == {"live"}


def test_a_feed_that_talks_is_never_stale(text_redis, valkey_url):
    """A minute with a market as lively as ever: live all the time."""
    session = live_session(text_redis, valkey_url, "nothing", SYMBOLS)

    while session.world.monotonic_s() < SILENT_FROM_S + 60:
        session.run(session.world.monotonic_s() + LOOK_S)
        assert session.is_live()
