"""What stands in digests of what was kept back, and in notices."""

from marketswarm.vexy.notice_words import kept_words, notice_words
from tools.message_examples import KEPT, context


def test_what_was_kept_back():
    """Kinds, total and time."""
    told = kept_words(KEPT)
    assert told["kinds"].text == "3 drifts and 1 event at a key strike"
    assert (told["total"].text, told["span"].text, told["symbol"]) == ("4", "10 minutes", "SPX")


def test_a_notice_says_why_where_that_is_known():
    """And how much of the chain is covered."""
    told = notice_words(context(), "SPX", "low-coverage")
    assert told["because"] == "too few of its open positions have a fresh price"
    assert told["coverage"].text == "97 %"
    assert set(notice_words(context(), "XSP", "whatever")) == {"symbol"}
