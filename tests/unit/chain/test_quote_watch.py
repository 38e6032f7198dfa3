"""How quotes come, and whether they still do."""

from marketswarm.chain.polled import Poll
from marketswarm.chain.quote_watch import QuoteWatch

SOME = Poll(polled_ms=1000, quotes=18, changed=3)


def test_streamed_quotes_have_no_polls() -> None:
    """Their silence is the feed's to tell."""
    watch = QuoteWatch()
    assert watch.see(None, 0.0) is False
    assert (watch.how, watch.is_silent(1e6, 0.0)) == ("streamed", None)


def test_a_poll_is_noticed_once() -> None:
    """A new one that changed something means that what is stored is to be read again; the same one does not."""
    watch = QuoteWatch()
    assert watch.see(SOME, 0.0) is True
    assert watch.see(SOME, 1.0) is False
    assert watch.see(Poll(polled_ms=2000, quotes=18), 2.0) is False
    assert watch.how == "polled"


def test_polls_that_stay_out_make_silence() -> None:
    """After twenty seconds, or three times the pace; the time before the market opened does not count."""
    watch = QuoteWatch()
    watch.see(SOME, 0.0)
    assert (watch.is_silent(20.0, 0.0), watch.is_silent(20.1, 0.0), watch.is_silent(20.1, 5.0)) == (
        *(False, True, False),
    )
    watch.see(Poll(polled_ms=3000, quotes=1, every_s=60), 100.0)
    assert (watch.is_silent(280.0, 0.0), watch.is_silent(280.1, 0.0)) == (False, True)


def test_the_first_poll_has_its_time() -> None:
    """From the moment at which quotes turn out not to be streamed; until one brought some there are none."""
    watch = QuoteWatch()
    watch.see(Poll(), 50.0)
    assert (watch.how, watch.is_silent(69.0, 0.0), watch.is_silent(71.0, 0.0)) == ("none", False, True)


def test_a_plan_without_quotes_is_alive_by_its_polls() -> None:
    """Polls that bring trades, bars and greeks alone are signs of life, and `none` is what is said of quotes."""
    watch = QuoteWatch()
    watch.see(Poll(polled_ms=1, contracts=18), 0.0)
    watch.see(Poll(polled_ms=2, contracts=18), 15.0)
    assert (watch.how, watch.is_silent(30.0, 0.0)) == ("none", False)


def test_a_poll_that_failed_changes_nothing_but_time() -> None:
    """How quotes come stays; they grow older."""
    watch = QuoteWatch()
    watch.see(SOME, 0.0)
    watch.see(Poll(polled_ms=1000, error="429"), 10.0)
    assert (watch.how, watch.is_silent(20.1, 0.0)) == ("polled", True)


def test_quotes_that_are_streamed_again() -> None:
    """The polls are forgotten."""
    watch = QuoteWatch()
    watch.see(SOME, 0.0)
    watch.see(None, 1.0)
    assert (watch.how, watch.is_silent(1e6, 0.0)) == ("streamed", None)
