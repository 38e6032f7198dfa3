"""`marketswarm chain`: the ladder, the document, the rows; exit code 5 when there is no such chain."""

import csv
import io
import json

import pytest

from marketswarm.model.contract import Day, Greeks, Trade
from tests.support.builders import contract, ladder

RICH = contract(
    6800,
    trade=Trade(price=1.65, size=1, exchange=302, ts=900),
    day=Day(open=3.3, volume=1204, vwap=2.5245, change_percent=25.926, ts=900),
    greeks=Greeks(iv=0.16399761825873166, delta=0.1747, gamma=1.5e-05, source="provider", ts=900),
)


def test_contracts_are_given_as_stored(cli, live_chain, redis) -> None:
    """The document holds each contract with the bytes that Redis holds, and the cursor that belongs to them."""
    live_chain([RICH, contract(6805, "put")])
    done = cli("chain", "spx", "--json")
    document = json.loads(done.out)
    assert done.code == 0
    meta = redis.hgetall("chainmeta:SPX:2026-11-23")
    assert document["epoch"] == int(meta[b"epoch"])
    assert document["seq"] == int(meta[b"seq"])
    assert list(document) == ["symbol", "expiration", "epoch", "seq", "state", "spot", "spot_by", "contracts"]
    assert [document[name] for name in ("symbol", "expiration", "state", "spot")] == [
        "SPX",
        "2026-11-23",
        "live",
        6801.5,
    ]
    for stored in redis.hvals("chain:SPX:2026-11-23"):
        assert stored.decode() in done.out


def test_one_row_a_contract(cli, live_chain) -> None:
    """CSV has fixed columns; what is unknown is empty; strikes ascend, calls before puts."""
    live_chain([contract(6805, "put"), RICH])
    rows = list(csv.DictReader(io.StringIO(cli("chain", "SPX", "--csv").out)))
    assert [row["ticker"][-9:] for row in rows] == ["C06800000", "P06805000"]
    assert rows[0]["greeks_gamma"] == "0.000015"
    assert rows[0]["quote_bid"] == "1.6"
    assert rows[0]["greeks_vega"] == ""
    assert rows[1]["trade_price"] == ""


def test_the_ladder_marks_spot_and_the_money(cli, live_chain) -> None:
    """Calls, strike, puts; the strike nearest to spot is marked, spot stands between its strikes."""
    live_chain(ladder())
    lines = cli("chain", "SPX", "--strikes", "1").out.splitlines()
    assert "6,801.50" in lines[0]
    assert "(" in lines[0]
    assert "18 contracts" in lines[0]
    titles = ["bid", "ask", "mid", "volume", "OI", "IV", "delta"]
    assert lines[1].split() == [*reversed(titles[3:]), *titles[:3], "strike", *titles]
    assert [word for line in lines[2:] for word in line.split() if word.startswith(("67", "68", "6,8"))] == [
        "6795",
        "6800",
        "6,801.50",
        "6805",
    ]
    assert "▸ 6800 ◂" in lines[3]


def test_strikes_limit_documents_too(cli, live_chain) -> None:
    """--strikes N leaves N on each side of spot in JSON; without it all are there."""
    live_chain(ladder())
    assert len(json.loads(cli("chain", "SPX", "--strikes", "1", "--json").out)["contracts"]) == 6
    assert len(json.loads(cli("chain", "SPX", "--json").out)["contracts"]) == 18


@pytest.mark.parametrize("words", [("SPX",), ("SPX", "--expiration", "2026-12-18")])
def test_an_unstored_chain_is_five(cli, words: tuple[str, ...]) -> None:
    """A chain that nobody stored: exit code 5, and what would load it."""
    done = cli("chain", *words, "--json")
    assert (done.code, done.out) == (5, "")
    assert "marketswarm refresh SPX" in done.err


@pytest.mark.parametrize(
    "words", [("--strikes", "-1"), ("--strikes", "x"), ("--expiration", "2026-13-01"), ("--json", "--csv")]
)
def test_wrong_use_is_two(cli, words: tuple[str, ...]) -> None:
    """An impossible number, date or pair of options: exit code 2."""
    assert cli("chain", "SPX", *words).code == 2


def test_the_hint_loads_what_was_asked_for(cli) -> None:
    """For an expiration that is not stored the hint names the expiration too."""
    done = cli("chain", "SPX", "--expiration", "2026-12-31")
    assert done.code == 5
    assert "`marketswarm refresh SPX --expiration 2026-12-31` loads it" in done.err
