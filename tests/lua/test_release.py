"""`release`: what is given back is only what is still held."""

from marketswarm.chain.lease import WriterLeases
from marketswarm.scripts import script


def test_a_held_symbol_is_free_at_once(redis, clock):
    """After giving back nobody has to wait for the time to live."""
    WriterLeases(redis, clock, "test", "a").take([1], ["SPX"])
    WriterLeases(redis, clock, "test", "a").give_back("SPX")

    assert WriterLeases(redis, clock, "test", "b", connections=2).take([2], ["SPX"]).fences


def test_what_another_holds_by_now_is_left_alone(redis):
    """A late goodbye does not end another one's right."""
    redis.set("writer:SPX", "b")

    assert script("release").run(redis, ["writer:SPX"], ["a"]) == 0
    assert redis.get("writer:SPX") == b"b"
