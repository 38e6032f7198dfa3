"""`renew`: only the holder keeps a key alive."""

import pytest

from marketswarm.scripts import script


@pytest.mark.parametrize(("holder", "renewed"), [("a", 1), ("b", 0)])
def test_the_holder_keeps_it_alive(redis, holder, renewed):
    """The holder's renewal extends the time to live; another's changes nothing."""
    redis.set("loading:SPX", "a", px=1000)

    assert script("renew").run(redis, ["loading:SPX"], [holder, 50_000]) == renewed
    assert (redis.pttl("loading:SPX") > 1000) is bool(renewed)


def test_what_ran_out_is_not_brought_back(redis):
    """A key that is gone stays gone."""
    assert script("renew").run(redis, ["loading:SPX"], ["a", 50_000]) == 0
    assert redis.exists("loading:SPX") == 0
