"""Which recorded answer a request is given."""

from marketswarm.recorder.answers import RecordedAnswers
from tests.support.recordings import BEGUN_US, exchange

CHAIN = (
    "/v3/snapshot/options/I:SPX?expiration_date=2026-11-23&strike_price.gte={}&strike_price.lte={}&limit=250"
)


def answers(*exchanges) -> RecordedAnswers:
    """Those answers."""
    made = RecordedAnswers()
    for each in exchanges:
        made.add(each)
    return made


def body(made: RecordedAnswers, target: str, after_ms: int) -> bytes | None:
    """What is answered so many ms behind the beginning."""
    found = made.find(target, BEGUN_US + after_ms * 1000)
    return None if found is None else found.body


def test_the_newest_answer_that_is_not_later_is_given():
    """The first one where all are later: a replay must begin somewhere."""
    made = answers(exchange(10, "/a", 1), exchange(20, "/a", 2))
    assert [body(made, "/a", at) for at in (0, 10, 19, 20, 99)] == [b"1", b"1", b"1", b"2", b"2"]
    assert body(made, "/b", 99) is None


def test_the_order_of_parameters_and_a_key_do_not_matter():
    """A client of another make spells the same request in another way."""
    made = answers(exchange(0, "/v3/snapshot?ticker.any_of=I:SPX,SPY&limit=250", 1))
    assert body(made, "/v3/snapshot?limit=250&ticker.any_of=I%3ASPX%2CSPY&apiKey=k", 0) == b"1"
    assert body(made, "/v3/snapshot?limit=250&ticker.any_of=I:NDX", 0) is None


def test_strikes_a_little_beside_the_recorded_ones_get_the_nearest():
    """Windows follow spot; the exact ones go before, whenever they came."""
    made = answers(
        exchange(0, CHAIN.format(6700, 6900), "near"), exchange(5, CHAIN.format(6500, 6600), "far")
    )
    assert body(made, CHAIN.format(6705, 6905), 9) == b'"near"'
    assert body(made, CHAIN.format(6500, 6600), 9) == b'"far"'
    assert body(made, CHAIN.format(6500, 6600).replace("11-23", "11-24"), 9) is None


def test_answers_that_said_to_try_again_are_left_out():
    """A replay is not to fail where the recorded call came through in the end."""
    made = answers(*(exchange(at, "/a", at, status) for at, status in enumerate((0, 429, 500, 200, 503))))
    assert body(made, "/a", 99) == b"3"
    assert answers(exchange(0, "/a", {}, 404)).find("/a", BEGUN_US).status == 404
