"""How long one symbol's chains may be silent before they are stale, and what follows the silence."""

from dataclasses import replace

import pytest

from marketswarm.chain.polled import Poll
from marketswarm.chain.streamed import Circumstances
from marketswarm.maths.pulse import SILENCE_S
from tests.support.builders import SPX
from tests.support.streamed_symbol import AT_WORK, begun, states, universe


@pytest.mark.parametrize(("contracts", "silent_after_s"), [(200, 4.01), (20, 40.1), (1, 120.1)])
def test_a_chain_that_never_says_a_word_is_not_live_for_long(contracts, silent_after_s):
    """While others speak, many contracts are silent together for no longer than four seconds, few for longer."""
    mine = begun([f"c{n}" for n in range(contracts)])
    (chain,) = mine.chains.values()

    def state_at(now_s):
        return mine.state_of(chain, Circumstances(in_session=True, now_s=now_s, heard_s=now_s))

    assert (state_at(silent_after_s - 0.2), state_at(silent_after_s)) == ("live", "stale")


def at(now_s, *, heard_s=None, open_s=float("-inf")):
    """The market is open, and the feed as a whole speaks unless said otherwise."""
    return Circumstances(
        in_session=True, now_s=now_s, heard_s=now_s if heard_s is None else heard_s, open_s=open_s
    )


def heard(mine, *moments_s):
    """Something was flushed of the chain at these moments, a tenth of a second after it had come."""
    for moment_s in moments_s:
        mine.note_applied(SPX, [], [0.1], moment_s + 0.1)


def test_a_chain_whose_channels_fell_silent_is_stale_while_others_stream():
    """It spoke ten times a second for a minute; four seconds without a word are too much then, and end with the next one."""
    mine = begun()
    heard(mine, *(n / 10 for n in range(600)))
    chain = mine.chains[SPX]

    assert mine.state_of(chain, at(60 + SILENCE_S - 0.2)) == "live"
    assert mine.state_of(chain, at(60 + SILENCE_S)) == "stale"
    heard(mine, 65)
    assert mine.state_of(chain, at(65.2)) == "loading"


def test_after_a_silence_it_is_fetched_before_it_is_live():
    """Nobody knows what the silence has swallowed: no gap, but a look at the vendor."""
    mine = begun()
    chain = mine.chains[SPX]
    assert mine.state_of(chain, at(10, heard_s=5)) == "stale"
    assert mine.state_of(chain, at(11)) == "loading"

    mine.confirm({"a", "b"})
    assert (mine.wanted.reason, mine.wanted.closes, mine.gaps) == ("audit", {SPX}, 0)
    mine.see([universe(mine.wanted.id, seq=9)])
    assert mine.state_of(chain, at(12)) == "live"


def test_a_feed_of_many_pauses_is_not_fetched_at_each():
    """Once a minute at most."""
    mine = begun()
    chain = mine.chains[SPX]
    mine.state_of(chain, at(10, heard_s=5))
    mine.state_of(chain, at(11))
    mine.confirm({"a", "b"})
    mine.see([universe(mine.wanted.id, seq=9)])

    assert mine.state_of(chain, at(20, heard_s=15)) == "stale"
    assert mine.state_of(chain, at(21)) == "live"
    assert mine.state_of(chain, at(75, heard_s=70)) == "stale"
    assert mine.state_of(chain, at(76)) == "loading"


def test_a_night_is_no_silence_to_be_mended():
    """A market that was closed opens without a look at the vendor."""
    mine = begun()
    closed = Circumstances(in_session=False, now_s=50_000, heard_s=10)
    assert mine.state_of(mine.chains[SPX], closed) == "closed"
    assert mine.state_of(mine.chains[SPX], at(50_001, open_s=50_000)) == "live"


def test_a_chain_that_seldom_speaks_is_not_stale_in_between():
    """One word in ten seconds: half a minute of silence is nothing, five minutes are."""
    mine = begun()
    heard(mine, *range(0, 600, 10))
    chain = mine.chains[SPX]

    assert mine.state_of(chain, at(620)) == "live"
    assert mine.state_of(chain, at(900)) == "stale"


def test_a_chain_that_never_spoke_is_not_live_for_ever():
    """Nothing since it was first looked at, while the feed goes on: live for two minutes, then stale."""
    mine = begun()
    chain = mine.chains[SPX]

    assert mine.state_of(chain, at(120)) == "live"
    assert mine.state_of(chain, at(121)) == "stale"


def test_greeks_are_no_sign_of_life():
    """A flush that the feed had no part in tells nothing of the feed."""
    mine = begun()
    heard(mine, *(n / 10 for n in range(600)))
    mine.note_applied(SPX, [], [], 64)

    assert mine.state_of(mine.chains[SPX], at(64)) == "stale"


def test_the_silence_of_a_closed_market_does_not_count():
    """Right after the opening neither the feed's nor the chain's night is held against them."""
    mine = begun()
    heard(mine, *(n / 10 for n in range(600)))
    chain, opening = mine.chains[SPX], 60_000.0

    assert mine.state_of(chain, at(opening + 1, heard_s=60, open_s=opening)) == "live"
    assert mine.state_of(chain, at(opening + 4, heard_s=60, open_s=opening)) == "stale"
    assert mine.state_of(chain, at(opening + 4, open_s=opening)) == "stale"


def test_without_streamed_quotes_polls_are_the_pulse():
    """A feed of trades may be silent for long: live while polls come, stale when they stay out, whatever the feed does."""
    mine = begun()
    mine.quotes.see(Poll(polled_ms=1, quotes=2), 0.0)
    assert states(mine, at=replace(AT_WORK, now_s=15.0)) == ["live"]
    assert states(mine, at=replace(AT_WORK, now_s=25.0, heard_s=25.0)) == ["stale"]
    mine.quotes.see(None, 25.0)
    assert states(mine, at=replace(AT_WORK, now_s=25.0, heard_s=25.0)) != ["live"]
