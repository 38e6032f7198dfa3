"""A load that fails, lacks rows or comes second: a chain is loaded whole or not at all."""

from dataclasses import replace
from datetime import date

import pytest

from marketswarm.errors import (
    BadArgument,
    IncompleteChain,
    NoExpiration,
    NoSpot,
    ProviderUnavailable,
    ScriptRefused,
)
from tests.support.builders import SPX
from tests.support.chain_loads import want

HASH, META = "chain:SPX:2026-11-23", "chainmeta:SPX:2026-11-23"


@pytest.mark.parametrize("call", ["spots", "expirations", "listing", "chain_rows"])
def test_a_failure_on_the_way_keeps_the_stored_chain(make_loader, market, redis, flights, call):
    """Whichever call fails, hash and meta keep every byte, and the failure is on record."""
    make_loader().load(want())
    before = (redis.hgetall(HASH), redis.hgetall(META))
    market.failures[call] = ProviderUnavailable(call, "it is dark")
    market.bid = 9.0

    with pytest.raises(ProviderUnavailable):
        make_loader().load(want("manual"))

    assert (redis.hgetall(HASH), redis.hgetall(META)) == before
    assert flights.recent(1)[0]["state"] == "failed"
    assert flights.recent(1)[0]["error"] == f"{call}: it is dark"


def test_a_chain_with_holes_is_refused(make_loader, market, redis):
    """Rows for less than nine tenths of the listed strikes make no chain."""
    market.lacking = {6785.0, 6790.0}

    with pytest.raises(IncompleteChain, match="4 of 18 contracts without a row, the first 6785 call"):
        make_loader().load(want())

    assert redis.exists(HASH) == 0


def test_a_single_strike_that_the_snapshot_lacks_is_counted(make_loader, market):
    """A strike that was listed a minute ago may not be in the snapshot yet."""
    market.lacking = {6905.0}

    report = make_loader().load(want(n=40))

    assert report.rejected == {"missing": 2}
    assert report.contracts == 160


def test_a_chain_of_one_side_is_refused(make_loader, market, store):
    """Calls without puts are half a chain, and the stored one is kept."""
    make_loader().load(want())
    rows = market.chain_rows

    def calls_only(chain, low, high):
        found = rows(chain, low, high)
        return replace(
            found, contracts={name: row for name, row in found.contracts.items() if row.type == "call"}
        )

    market.chain_rows = calls_only
    with pytest.raises(IncompleteChain, match="9 of 18 contracts without a row, the first 6780 put"):
        make_loader().load(want("manual"))

    assert len(store.read("SPX").contracts) == 18


def test_a_missing_row_does_not_delist_a_contract(make_loader, market, store):
    """What is stored and still listed stays, although one snapshot lacks it."""
    make_loader().load(want(n=40))
    market.lacking = {6905.0}

    report = make_loader().load(want("manual", n=40))

    assert (report.removed, report.contracts) == (0, 162)


def test_an_extension_with_holes_is_refused(make_loader, market, store):
    """Rows for half of the new strikes are not added, and the window stays where it was."""
    make_loader().load(want())
    market.spot = 6821.0
    market.lacking = {6825.0, 6835.0}

    with pytest.raises(IncompleteChain):
        make_loader().extend(want("drift"))

    assert store.meta(SPX).high == 6820


def test_without_spot_there_is_no_chain(make_loader, market):
    """The error names the symbol and what was tried."""
    market.spot = 0

    with pytest.raises(NoSpot, match="no spot for SPX; tried: unified: nothing"):
        make_loader().load(want())


def test_without_a_listed_expiration_there_is_no_chain(make_loader, market):
    """A symbol without options is named as such."""
    market.days = []

    with pytest.raises(NoExpiration, match="the vendor lists no option of SPX"):
        make_loader().load(want())


def test_an_impossible_request_is_refused_before_the_provider_is_asked(make_loader, market):
    """No call is made for it, by none of the three ways in."""
    for call in ("load", "load_ahead", "extend"):
        with pytest.raises(BadArgument, match="strikes_each_side is 501"):
            getattr(make_loader(), call)(want(n=501))

    assert market.calls == []


def test_an_expiration_that_has_passed_is_refused(make_loader):
    """There is nothing to load any more."""
    with pytest.raises(BadArgument, match=r"expiration is '2026-11-20'"):
        make_loader().load(want(expiration=date(2026, 11, 20)))


def test_a_second_load_joins_the_first(make_loader, flights, market):
    """While one load of a symbol is in flight, another does nothing and says so."""
    with flights.take_off("SPX", "another run"):
        report = make_loader().load(want())

    assert report.state == "joined"
    assert market.calls == []
    assert make_loader().load(want()).state == "loaded"


def test_symbols_do_not_wait_for_each_other(make_loader, flights):
    """A load of SPY does not hold back one of SPX."""
    with flights.take_off("SPY", "another run"):
        assert make_loader().load(want()).state == "loaded"


def test_a_load_that_lost_its_flight_does_not_commit(make_loader, market, redis):
    """A loader that slept through its time to live cannot overwrite its successor's chain."""
    rows = market.chain_rows

    def overtaken(chain, low, high):
        redis.set("loading:SPX", "successor")
        return rows(chain, low, high)

    market.chain_rows = overtaken

    with pytest.raises(ScriptRefused, match="NOTLOADING"):
        make_loader().load(want())

    assert redis.exists(HASH) == 0
    assert redis.get("loading:SPX") == b"successor"
