"""`apply_updates`: exactly what changed is written, told and counted; everything else keeps its bytes."""

import json

import pytest

from marketswarm.errors import ChainMissing, EpochChanged, WriterFenced
from marketswarm.model.contract import SECTIONS, Contract, Trade
from marketswarm.scripts import script_folder
from tests.lua.conftest import CHAIN, FEED, META, ORDER, TOKEN, without_about
from tests.support.builders import contract, ticker

CALL = ticker(6800)
NEW = '"bid":1.7,"ask":1.75,"mid":1.725,"bid_size":10,"ask_size":20,"ts":2000'


def test_changed_fields_are_written_and_the_rest_keeps_its_bytes(put, apply, stored):
    """Bid, ask, mid and time change; identity, open interest and sizes keep every byte."""
    put()
    before = stored(CALL)

    answer = apply((CALL, "quote", 2000, NEW))

    assert answer == [41, 1, 0, 0, 0]
    assert stored(CALL) == (
        before.replace('"v":1,"ts":1000', '"v":2,"ts":2000').replace(
            '"bid":1.6,"ask":1.65,"mid":1.625,"bid_size":10,"ask_size":20,"ts":1000', NEW
        )
    )


def test_the_feed_entry_names_exactly_what_changed(put, apply, entries):
    """The feed holds the changed fields only, nested as in the contract, with seq and prev_seq."""
    put()

    apply((CALL, "quote", 2000, NEW))

    (entry,) = entries(FEED)
    assert entry == {
        "symbol": "SPX",
        "expiration": "2026-11-23",
        "epoch": "7",
        "seq": "41",
        "prev_seq": "40",
        "ts": "5000",
        "updates": {CALL: {"v": 2, "ts": 2000, "quote": {"bid": 1.7, "ask": 1.75, "mid": 1.725, "ts": 2000}}},
    }


def test_nothing_new_writes_nothing(redis, put, apply, stored):
    """The same quote again moves neither v nor seq, and the feed stays silent."""
    put()
    before = stored(CALL)

    answer = apply(
        (CALL, "quote", 1000, '"bid":1.6,"ask":1.65,"mid":1.625,"bid_size":10,"ask_size":20,"ts":1000')
    )

    assert answer == [40, 0, 1, 0, 0]
    assert stored(CALL) == before
    assert redis.xlen(FEED) == 0


def test_an_older_section_is_refused(put, apply, stored):
    """A quote older than the stored one changes nothing and is counted."""
    put()
    before = stored(CALL)

    assert apply((CALL, "quote", 999, NEW.replace("2000", "999"))) == [40, 0, 0, 1, 0]
    assert stored(CALL) == before


def test_sections_have_their_own_time(put, apply, stored):
    """A trade older than the quote is not older than the last trade."""
    put()

    assert apply((CALL, "trade", 500, '"price":1.6,"size":1,"ts":500')) == [41, 1, 0, 0, 0]
    assert json.loads(stored(CALL))["ts"] == 1000


def test_an_unlisted_contract_is_never_invented(redis, put, apply):
    """A ticker that the chain does not hold is counted and not stored."""
    put()

    assert apply((ticker(9999), "quote", 2000, NEW)) == [40, 0, 0, 0, 1]
    assert redis.hlen(CHAIN) == 1


def test_a_new_section_stands_where_the_order_wants_it(put, apply, stored):
    """A first trade goes between quote and greeks, whatever came before it."""
    put()
    apply((CALL, "greeks", 2000, '"iv":0.2,"delta":0.5,"source":"local","ts":2000'))
    apply((CALL, "trade", 2000, '"price":1.6,"size":1,"exchange":null,"ts":2000'))

    sections = [name for name in json.loads(stored(CALL)) if name in ("quote", "trade", "day", "greeks")]
    assert sections == ["quote", "trade", "greeks"]
    assert json.loads(stored(CALL))["trade"] == {"price": 1.6, "size": 1, "ts": 2000}


def test_null_removes_a_field(put, apply, stored, entries):
    """A mid that is unknown now leaves the contract, and the feed says so with null."""
    put()

    apply((CALL, "quote", 2000, '"bid":1.7,"ask":0,"mid":null,"bid_size":10,"ask_size":20,"ts":2000'))

    assert "mid" not in json.loads(stored(CALL))["quote"]
    assert entries(FEED)[0]["updates"][CALL]["quote"]["mid"] is None


def test_a_removed_field_comes_back_in_its_place(put, apply, stored):
    """When the mid is known again the section has its canonical order again."""
    put()
    apply((CALL, "quote", 2000, '"bid":1.7,"ask":0,"mid":null,"bid_size":10,"ask_size":20,"ts":2000'))
    apply((CALL, "quote", 3000, '"bid":1.7,"ask":1.75,"mid":1.725,"bid_size":10,"ask_size":20,"ts":3000'))

    assert list(json.loads(stored(CALL))["quote"]) == ["bid", "ask", "mid", "bid_size", "ask_size", "ts"]


def test_fields_that_the_patch_does_not_name_are_kept(put, apply, stored):
    """A day's bar with a new close keeps the previous close."""
    put(contract(day={"open": 3.3, "close": 1.7, "previous_close": 1.35, "ts": 900}))

    apply((CALL, "day", 2000, '"close":1.8,"ts":2000'))

    assert json.loads(stored(CALL))["day"] == {"open": 3.3, "close": 1.8, "previous_close": 1.35, "ts": 2000}


def test_strange_bytes_outside_the_change_survive(redis, put, apply, stored):
    """19-digit integers, empty arrays, null, unicode, tiny and negative-zero numbers are not re-encoded."""
    odd = (
        f'{{"ticker":"{CALL}","x":1795443600123456789,"a":[],"n":null,"u":"Zürich € 😀","t":1e-9,"z":-0.0,'
        '"v":17,"ts":1000,"quote":{"bid":1.60,"ask":2,"ts":1000},"note":[],"end":0.12345678901234567}'
    )
    put(odd)

    apply((CALL, "quote", 2000, '"bid":1.7,"ask":2,"ts":2000'))

    expected = odd.replace('"v":17,"ts":1000', '"v":18,"ts":2000').replace(
        '"bid":1.60,"ask":2,"ts":1000', '"bid":1.7,"ask":2,"ts":2000'
    )
    assert stored(CALL) == expected


def test_several_sections_of_a_contract_bump_v_once(put, apply, stored, entries):
    """Quote and trade in one batch are one change of the contract and one entry."""
    put()

    answer = apply((CALL, "quote", 2000, NEW), (CALL, "trade", 2100, '"price":1.7,"size":1,"ts":2100'))

    assert answer == [41, 2, 0, 0, 0]
    assert json.loads(stored(CALL))["v"] == 2
    assert set(entries(FEED)[0]["updates"][CALL]) == {"v", "ts", "quote", "trade"}


def test_a_batch_is_one_seq(put, apply, entries):
    """Two contracts in one batch move seq by one and share an entry."""
    put(contract(6800), contract(6805))

    assert apply((CALL, "quote", 2000, NEW), (ticker(6805), "quote", 2000, NEW))[0] == 41
    assert set(entries(FEED)[0]["updates"]) == {CALL, ticker(6805)}


def test_another_epoch_is_refused(put, apply):
    """A writer that knows another set of contracts must look again."""
    put()

    with pytest.raises(EpochChanged):
        apply((CALL, "quote", 2000, NEW), epoch=6)


def test_an_older_writer_is_refused(redis, put, apply, stored):
    """A writer whose token is not the newest writes nothing."""
    put()
    before = stored(CALL)
    redis.incr(TOKEN)

    with pytest.raises(WriterFenced):
        apply((CALL, "quote", 2000, NEW))

    assert stored(CALL) == before


def test_a_missing_chain_is_named(redis, apply):
    """Updates for a chain that is not stored land nowhere."""
    redis.set(TOKEN, 3)

    with pytest.raises(ChainMissing):
        apply((CALL, "quote", 2000, NEW))

    assert redis.exists(CHAIN) == 0


def test_a_server_that_lost_its_scripts_gets_them_again(redis, put, apply):
    """SCRIPT FLUSH between two batches is not noticed by the writer."""
    put()
    apply((CALL, "quote", 2000, NEW))
    redis.script_flush()

    assert apply((CALL, "quote", 3000, NEW.replace("2000", "3000")))[0] == 42


def test_times_and_versions_stay_whole_numbers(put, apply, stored):
    """A 13-digit time and a large version are written digit by digit."""
    put(contract(ts=1_795_449_600_123, trade=Trade(price=1.65, size=1, ts=1_795_449_599_871), v=999_999))

    apply((CALL, "quote", 1_795_449_600_124, NEW.replace('"ts":2000', '"ts":1795449600124')))

    assert '"v":1000000,"ts":1795449600124' in stored(CALL)


@pytest.mark.parametrize(
    ("first", "second", "price"),
    [
        ((2000, 5), (2000, 6), 6),
        ((2000, 6), (2000, 5), 6),
        ((2000, 5), (2000, None), 5),
        ((2000, None), (2000, 5), 5),
        ((2000, 9), (2000, 10), 10),
        ((2000, 10**18), (2000, 10**18 + 1), 10**18 + 1),
        ((2000, 9), (2001, 3), 3),
        ((2001, 3), (2000, 9), 3),
    ],
)
def test_within_a_millisecond_the_sequence_decides(put, apply, stored, first, second, price):
    """Whichever comes first, in one batch or in two: the later time, then the higher sequence, then one that has any."""
    changes = [
        (CALL, "trade", ts if seq is None else f"{ts} {seq}", f'"price":{seq or 1},"ts":{ts}')
        for ts, seq in (first, second)
    ]
    put()
    for change in changes:
        apply(change)
    assert json.loads(stored(CALL))["trade"]["price"] == price

    put()
    apply(*changes)
    assert json.loads(stored(CALL))["trade"]["price"] == price


def test_the_same_value_with_a_higher_sequence_raises_it(put, apply, stored):
    """What lies between the two is older than what is stored, though nothing was written."""
    put()
    quote = NEW.replace("1.7,", "1.71,")
    apply((CALL, "quote", "2000 5", NEW))

    assert apply((CALL, "quote", "2000 9", NEW)) == [41, 0, 1, 0, 0]
    assert apply((CALL, "quote", "2000 7", quote)) == [41, 0, 0, 1, 0]
    assert apply((CALL, "quote", "2000 9", NEW)) == [41, 0, 1, 0, 0]


def test_orders_live_as_long_as_their_chain(redis, put, apply):
    """What is kept beside the chain is forgotten with it."""
    put()
    redis.expire(META, 500)

    apply((CALL, "quote", "2000 5", NEW))

    assert without_about(redis.hgetall(ORDER)) == {f"{CALL}/quote".encode(): b"2000 5"}
    assert 490 < redis.ttl(ORDER) <= 500


def test_orders_are_a_table_from_the_first(redis, put, apply):
    """The server would search a short hash from its beginning for each field; one long value makes it a table at once."""
    put()

    apply((CALL, "quote", "2000 5", NEW))

    assert redis.object("encoding", ORDER) == b"hashtable"


def test_the_scripts_know_the_members_that_the_model_knows():
    """Lua lists the members of each section in the model's order."""
    source = (script_folder() / "include" / "contract.lua").read_text()
    for section in SECTIONS:
        kind = Contract.model_fields[section].annotation.__args__[0]
        listed = ", ".join(f"'{name}'" for name in kind.model_fields)
        assert f"  {section} = {{ {listed} }},\n" in source
