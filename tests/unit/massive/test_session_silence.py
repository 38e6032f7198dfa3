"""A session on whose connection nothing comes: pings, dead connections, mute ones, and quiet markets."""

import itertools

import pytest

from marketswarm.massive.actions import Close, Connect, Lost, Ping
from marketswarm.massive.session import Session
from tests.support.feed_session import AUTH_SUCCESS, CONNECTED, S, acks, at


@pytest.mark.parametrize("state", [S.SUBSCRIBING, S.STREAMING])
def test_pings(state):
    """A ping goes out every 20 s; whatever arrives is an answer; a quiet market is no fault."""
    made = at(state)
    made.on_statuses(acks("A"), 0.0)

    for now in (20.0, 40.0, 60.0):
        assert made.on_tick(now - 0.1) == []
        assert made.on_tick(now) == [Ping()]
        made.on_heard(now + 1.0)


def test_a_ping_that_nothing_answers():
    """When nothing at all follows a ping for 20 s, the connection is dead, though nobody closed it."""
    made = at(S.STREAMING)
    made.on_tick(20.0)

    assert made.on_tick(39.9) == []
    assert made.on_tick(40.0) == [Close(), Lost("nothing answered a ping")]


def test_a_late_look_at_the_clock_is_no_dead_connection():
    """When the owner was away for long, the session asks first before it takes the connection for dead."""
    made = at(S.STREAMING)

    assert made.on_tick(500.0) == [Ping()]
    made.on_heard(500.1)
    assert made.on_tick(519.0) == []


def lively(made: Session, until_s: float, pause_s: float = 0.1) -> Session:
    """A streaming session that expects data, and has heard some every so often until then."""
    made.expect_data(True, 0.0)
    for n in range(round(until_s / pause_s) + 1):
        made.on_heard(n * pause_s)
        made.on_data(n * pause_s)
    return made


def test_a_connection_that_lives_and_brings_nothing_is_replaced():
    """Pings are answered, and nothing else comes for six seconds while the market is open: another connection is made."""
    made = lively(at(S.STREAMING), 18.0)

    for after_s in range(1, 6):
        made.on_heard(18.0 + after_s)
        assert Close() not in made.on_tick(18.0 + after_s)
    assert made.on_tick(24.0) == [Close(), Lost("silent while the market is open")]
    assert made.state is S.WAITING


def test_a_closed_market_is_no_mute_connection():
    """Over a weekend nothing comes, and nothing is replaced; the six seconds begin again when the market opens."""
    made = lively(at(S.STREAMING), 18.0)
    made.expect_data(False, 19.0)
    opens_s = 18.0 + 64 * 3600
    now_s = 19.0
    while now_s < opens_s:
        made.on_heard(now_s)
        assert Close() not in made.on_tick(now_s)
        now_s += 20.0

    made.expect_data(True, opens_s)
    made.on_heard(opens_s + 5.9)
    assert Close() not in made.on_tick(opens_s + 5.9)
    assert Close() in made.on_tick(opens_s + 6.0)


def test_a_quiet_market_is_no_mute_connection():
    """Where something comes every five seconds, a pause of a minute explains itself, and one of two minutes does not."""
    made = lively(at(S.STREAMING), 600.0, pause_s=5.0)

    made.on_heard(660.0)
    assert Close() not in made.on_tick(660.0)
    made.on_heard(720.0)
    assert Close() in made.on_tick(720.0)


def test_a_connection_that_stays_mute_is_not_replaced_in_a_hurry():
    """Each replacement waits longer, and is heard out for six seconds again."""
    made, now_s, began_s = lively(at(S.STREAMING), 18.0), 18.0, []
    while now_s < 200.0:
        now_s = round(now_s + 0.1, 1)
        made.on_heard(now_s)
        if Connect() in made.on_tick(now_s):
            began_s.append(now_s)
            made.on_open(now_s)
            made.on_statuses([CONNECTED, AUTH_SUCCESS], now_s)
            made.on_statuses(acks("A"), now_s)

    pauses = [after - before for before, after in itertools.pairwise(began_s)]
    assert pauses == sorted(pauses)
    assert 6.0 <= pauses[0] <= 8.0
    assert 35.0 <= pauses[-1] <= 37.0
