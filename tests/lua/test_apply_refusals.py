"""What `apply_updates` makes of changes that are no use: each is counted under its word, and all others are applied."""

import pytest

from marketswarm.errors import ScriptRefused
from tests.lua.conftest import CHAIN, FEED, META, ORDER
from tests.support.builders import contract, ticker

CALL, PUT = ticker(6800), ticker(6800, "put")
TAIL = '"mid":1.725,"bid_size":10,"ask_size":20,"ts":2000'
NEW = f'"bid":1.7,"ask":1.75,{TAIL}'
DAY = '"open":3.3,"high":3.5,"low":1.35,"close":1.7,"volume":1204,"vwap":2.5245,"previous_close":1.35,"change":0.35,'

BAD = [
    ("color", "2000", NEW, "BADSECTION"),
    ("", "2000", NEW, "BADSECTION"),
    ("v", "2000", "18", "BADSECTION"),
    ("quote.bid", "2000", "1.7", "BADSECTION"),
    ("quote", "later", NEW, "BADTIME"),
    ("quote", "-5", NEW, "BADTIME"),
    ("quote", "02000", NEW, "BADTIME"),
    ("quote", "2000 x", NEW, "BADTIME"),
    ("quote", "", NEW, "BADTIME"),
    ("quote", "2001", NEW, "BADTIME"),
    ("quote", "2000", '"bid":1.7', "BADTIME"),
    ("quote", "2000", '"bid":1.7,"ts":null', "BADTIME"),
    ("quote", "2000", '"bid":1.7,"ts":2000,"ts":2001', "BADTIME"),
    ("quote", "2000", '"bid":1.7,"ts":"2000"', "BADTIME"),
    ("quote", "2000", '"price":1.7,"ts":2000', "BADFIELD"),
    ("quote", "2000", f'"bid":1.7,"ask":1.75,"iv":0.2,{TAIL}', "BADFIELD"),
    ("quote", "2000", '"quote.bid":1.7,"ts":2000', "BADFIELD"),
    ("quote", "2000", '"BID":1.7,"ts":2000', "BADFIELD"),
    ("trade", "2000", '"price":1.7,"bid":1.6,"ts":2000', "BADFIELD"),
    ("quote", "2000", f'"bid":"1.7","ask":1.75,{TAIL}', "BADTYPE"),
    ("quote", "2000", f'"bid":[],"ask":1.75,{TAIL}', "BADTYPE"),
    ("quote", "2000", f'"bid":[1.7,1.8],"ask":1.75,{TAIL}', "BADTYPE"),
    ("quote", "2000", f'"bid":true,"ask":1.75,{TAIL}', "BADTYPE"),
    ("greeks", "2000", '"iv":0.2,"source":7,"ts":2000', "BADTYPE"),
    ("greeks", "2000", '"iv":0.2,"source":"a}b","ts":2000', "BADTYPE"),
    ("quote", "2000", f'"bid":NaN,"ask":1.75,{TAIL}', "BADNUMBER"),
    ("quote", "2000", f'"bid":nan,"ask":1.75,{TAIL}', "BADNUMBER"),
    ("quote", "2000", f'"bid":Infinity,"ask":1.75,{TAIL}', "BADNUMBER"),
    ("quote", "2000", f'"bid":-Infinity,"ask":1.75,{TAIL}', "BADNUMBER"),
    ("quote", "2000", f'"bid":inf,"ask":1.75,{TAIL}', "BADNUMBER"),
    ("quote", "2000", f'"bid":007,"ask":1.75,{TAIL}', "BADNUMBER"),
    ("quote", "2000", f'"bid":-01,"ask":1.75,{TAIL}', "BADNUMBER"),
    ("quote", "2000", f'"bid":1.,"ask":1.75,{TAIL}', "BADNUMBER"),
    ("quote", "2000", f'"bid":.5,"ask":1.75,{TAIL}', "BADNUMBER"),
    ("quote", "2000", f'"bid":-.5,"ask":1.75,{TAIL}', "BADNUMBER"),
    ("quote", "2000", f'"bid":+1,"ask":1.75,{TAIL}', "BADNUMBER"),
    ("quote", "2000", f'"bid":1e,"ask":1.75,{TAIL}', "BADNUMBER"),
    ("quote", "2000", f'"bid":0x1F,"ask":1.75,{TAIL}', "BADNUMBER"),
    ("quote", "2000", f'"bid":1.7.1,"ask":1.75,{TAIL}', "BADNUMBER"),
    ("quote", "2000", f'"bid":1 ,"ask":1.75,{TAIL}', "BADNUMBER"),
    ("day", "2000", DAY + '"change_percent":01,"ts":2000', "BADNUMBER"),
    ("quote", "2000", f'"bid":{{"x":1}},"ask":1.75,{TAIL}', "BADPATCH"),
    ("quote", "2000", f'"bid":,"ask":1.75,{TAIL}', "BADPATCH"),
    ("quote", "2000", "bid=1,ts=2000", "BADPATCH"),
    ("quote", "2000", "", "BADPATCH"),
    ("quote", "2000", NEW + ",", "BADPATCH"),
    ("quote", "2000", "," + NEW, "BADPATCH"),
    ("quote", "2000", f"{{{NEW}}}", "BADPATCH"),
    ("quote", "2000", '"bid":1,"bid":2,"ts":2000', "BADPATCH"),
]


@pytest.mark.parametrize(("section", "order", "patch", "word"), BAD)
def test_a_bad_change_is_counted_and_leaves_every_byte(
    redis, put, apply, stored, section, order, patch, word
):
    """Nothing is written for it: not the contract, not the order, not seq, not the feed."""
    put(contract(day={"open": 3.3, "ts": 900}))
    before = redis.hgetall(CHAIN)

    assert apply((CALL, section, order, patch)) == [40, 0, 0, 0, 0, word.encode(), 1, 1]

    assert redis.hgetall(CHAIN) == before
    assert redis.hget(META, "seq") == b"40"
    assert not redis.exists(FEED, ORDER)


def test_bad_changes_cost_the_good_ones_nothing(redis, put, apply, stored, entries):
    """Every reason has its own exact count and the place of its first case; what is good in the batch is applied."""
    put(contract(), contract(type="put"))
    before = stored(PUT)
    bad = [(PUT, section, order, patch) for section, order, patch, _ in BAD]
    words = [word for *_, word in BAD]

    answer = apply(
        *bad, (CALL, "quote", 2000, NEW), (ticker(9999), "quote", 2000, NEW), (CALL, "quote", 2000, NEW)
    )

    assert answer[:5] == [41, 1, 1, 0, 1]
    expected = {word: (words.count(word), words.index(word) + 1) for word in words}
    assert {
        word.decode(): (number, first)
        for word, number, first in zip(answer[5::3], answer[6::3], answer[7::3], strict=True)
    } == expected
    assert stored(PUT) == before
    assert set(entries(FEED)[0]["updates"]) == {CALL}


@pytest.mark.parametrize(
    "torn",
    [
        f'{{"ticker":"{CALL}","quote":{{"bid":1.6,"ts":1000}}}}',
        f'{{"ticker":"{CALL}","v":1,"ts":1000,"quote":{{"bid":1.6',
        "nothing at all",
    ],
)
def test_what_is_stored_and_no_contract_is_left_alone(redis, put, apply, torn):
    """A value without version and time, or without an end, is not cut, and stops nobody else's change."""
    put(contract(type="put"))
    redis.hset(CHAIN, CALL, torn)

    assert apply((CALL, "quote", 2000, NEW), (PUT, "quote", 2000, NEW))[:7] == [
        41,
        1,
        0,
        0,
        0,
        b"BADSTORED",
        1,
    ]
    assert redis.hget(CHAIN, CALL) == torn.encode()


def test_changes_that_do_not_come_in_fours_are_no_batch(redis, put, apply, stored):
    """A word too few refuses the call as a whole: nobody could tell which it was."""
    put()
    before = stored(CALL)

    with pytest.raises(ScriptRefused) as refused:
        apply((CALL, "quote", 2000, NEW), (CALL, "quote", 2000))

    assert refused.value.word == "BADCOUNT"
    assert stored(CALL) == before
    assert redis.hget(META, "seq") == b"40"


def test_zeros_and_exponents_are_numbers(put, apply, stored):
    """What JSON allows is stored as it came."""
    put()
    patch = '"bid":0,"ask":0.05,"mid":-0.0,"bid_size":1e-9,"ask_size":1E+05,"ts":2000'

    assert apply((CALL, "quote", 2000, patch))[:2] == [41, 1]
    assert patch in stored(CALL)


def test_long_numbers_cost_no_combinations(put, apply):
    """A section of 19-digit numbers whose last member is wrong is refused at once, not after trying every way to cut them."""
    put(contract(day={"open": 3.3, "ts": 900}))
    names = ("open", "high", "low", "close", "volume", "vwap", "previous_close", "change", "change_percent")
    patch = ",".join(f'"{name}":1795443600123456789' for name in names)

    assert apply((CALL, "day", "2000", patch + ',"ts":2000.'))[5:] == [b"BADTIME", 1, 1]
