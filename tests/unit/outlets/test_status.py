"""The status: unknown values are left out, and nothing is called live that nobody attends to."""

from dataclasses import replace

import pytest

from marketswarm.model.chain import ChainMeta
from marketswarm.outlets.status import (
    DOWN,
    FRESH,
    STALE,
    SwarmReading,
    SymbolReading,
    attending,
    audit_told,
    exit_code,
    newest_spot,
    provenance,
    shown_state,
    status_document,
)
from tests.support.builders import SPX

NOW = 1_795_446_012_000
META = ChainMeta(SPX, 7, 9, "live", 6801.5, 6800, 6780, 6820, 202, NOW - 9000, NOW - 50, "sim")
SPOT = {"ts": str(NOW - 2000), "as_of": str(NOW - 2100), "symbol": "SPX", "spot": "6800.12", "source": "sim"}
REPORT = {
    "state": "live",
    "updates_per_s": 812.5,
    "lag_ms": {"p50": 31.0, "p99": 66.0},
    "window_ms": 50,
    "gaps": 0,
    "reconnects": 0,
    "applied": 12,
}


def reading(*symbols: SymbolReading, in_session: bool = True, **more) -> SwarmReading:
    """A reading of SPX, and of further symbols."""
    named = dict(zip(("SPX", "SPY", "QQQ"), symbols or (SymbolReading(META, SPOT, REPORT),), strict=False))
    return SwarmReading("live", in_session, NOW, named, **more)


def test_the_document_is_the_published_one() -> None:
    """Source of the stored data, and per symbol the published members; age by the provider's own time."""
    assert status_document(reading()) == {
        "source": "sim",
        "symbols": {
            "SPX": {
                "state": "live",
                "spot": 6800.12,
                "spot_age_ms": 2100,
                "expiration": "2026-11-23",
                "contracts": 202,
                "updates_per_s": 812.5,
                "lag_ms": {"p50": 31.0, "p99": 66.0},
                "window_ms": 50,
                "gaps": 0,
                "reconnects": 0,
            }
        },
    }


def test_the_unknown_is_left_out() -> None:
    """Without a chain, a tick and a report a symbol is loading and nothing else; empty lag is left out."""
    document = status_document(reading(SymbolReading(), SymbolReading(META, SPOT, REPORT | {"lag_ms": {}})))
    assert document["symbols"]["SPX"] == {"state": "loading"}
    assert "lag_ms" not in document["symbols"]["SPY"]


def test_a_failed_load_is_told_until_the_chain_lives() -> None:
    """Why the last load failed is the symbol's detail, and is not told of a chain that is live."""
    document = status_document(
        reading(SymbolReading(failure="no"), SymbolReading(META, SPOT, REPORT, failure="no"))
    )
    assert document["symbols"]["SPX"] == {"state": "loading", "detail": "no"}
    assert "detail" not in document["symbols"]["SPY"]


def test_a_stream_that_fell_silent_does_not_attend() -> None:
    """A report counts for three seconds, though it is stored for longer."""
    assert attending(REPORT | {"ts": NOW - 3000}, NOW)["state"] == "live"
    assert attending(REPORT | {"ts": NOW - 3001}, NOW) == {}


def test_the_chain_s_own_spot_until_there_is_a_tick() -> None:
    """Without a tick, or with one from before the load, the spot of the load counts, as old as the load."""
    for tick in ({}, SPOT | {"ts": str(META.loaded_ms - 1)}):
        spot = newest_spot(tick, META)
        assert (float(spot["spot"]), spot["ts"]) == (META.spot, str(META.loaded_ms))
    assert newest_spot(SPOT, META) is SPOT
    assert newest_spot(SPOT, None) is SPOT


def test_what_else_is_known_is_added() -> None:
    """Counters of the heartbeat as numbers, and what could not be used by reason."""
    document = status_document(reading(heartbeat={"slot": "10", "missed": "1"}, bad_frames={"late": 2}))
    assert document["heartbeat"] == {"slot": 10, "missed": 1}
    assert document["bad_frames"] == {"late": 2}


@pytest.mark.parametrize(
    ("stored", "report", "in_session", "shown"),
    [
        ("live", {"state": "live"}, True, "live"),
        ("live", {}, True, "stale"),
        ("live", {"state": "gap"}, True, "gap"),
        ("closed", {}, False, "closed"),
        ("closed", {}, True, "stale"),
        ("gap", {}, True, "gap"),
        ("loading", {"state": "live"}, True, "loading"),
    ],
)
def test_states_are_honest(stored: str, report: dict, in_session: bool, shown: str) -> None:
    """Live only when chain and stream say so; closed only while the market is."""
    assert shown_state(replace(META, state=stored), report, in_session=in_session) == shown


@pytest.mark.parametrize(
    ("state", "report", "words"),
    [
        (
            "gap",
            {"gap_causes": {"connection": 2}},
            "updates were lost (connection 2); it is repaired from a snapshot",
        ),
        ("gap", {}, "updates were lost; it is repaired from a snapshot"),
        ("stale", {}, "no stream attends to it"),
        ("stale", REPORT, "nothing was heard of it for longer than its pace allows"),
        ("loading", REPORT, "its contracts are being loaded and subscribed"),
        ("loading", {}, None),
        ("live", REPORT, None),
        ("closed", {}, None),
    ],
)
def test_a_state_is_told_in_words(state: str, report: dict, words: str | None) -> None:
    """What is not live has its reason; what is fine, or has not begun, has none."""
    seen = SymbolReading(replace(META, state=state), SPOT, report | {"state": state} if report else {})
    told = status_document(reading(seen, in_session=state != "closed"))
    assert told["symbols"]["SPX"].get("reason") == words


def test_what_the_audits_found_is_told() -> None:
    """Counts, rate, and the age of the last one; a rate of more than ten minutes ago is left out, and so is no error."""
    audit = {
        "checked": 9000,
        "mismatched": 9,
        "rate": 0.001,
        "last": "same",
        "error": "",
        "ts": NOW - 4000,
        "recent": [],
    }
    told = status_document(reading(SymbolReading(META, SPOT, REPORT, audit=audit)))["symbols"]["SPX"]["audit"]
    assert told == {"checked": 9000, "mismatched": 9, "rate": 0.001, "last": "same", "age_ms": 4000}

    assert "rate" not in audit_told(audit, NOW + 600_000)
    assert "audit" not in status_document(reading(SymbolReading(META)))["symbols"]["SPX"]


def test_fresh_is_zero() -> None:
    """All chains live or closed and all spots young: 0."""
    assert exit_code(reading()) == FRESH


@pytest.mark.parametrize(
    "seen",
    [
        SymbolReading(META, SPOT),
        SymbolReading(META, {}, REPORT),
        SymbolReading(META, SPOT | {"as_of": str(NOW - 30_001)}, REPORT),
        SymbolReading(None, SPOT, REPORT),
    ],
    ids=["unattended", "no spot", "old spot", "no chain"],
)
def test_one_stale_symbol_makes_three(seen: SymbolReading) -> None:
    """A chain that is not live, or a spot older than 30 s, of any symbol: 3."""
    assert exit_code(reading(SymbolReading(META, SPOT, REPORT), seen)) == STALE


def test_outside_the_session_the_price_may_be_old() -> None:
    """With a closed chain the tick must be young, not the price."""
    closed = replace(META, state="closed")
    friday = SPOT | {"as_of": str(NOW - 86_400_000)}
    assert exit_code(reading(SymbolReading(closed, friday), in_session=False)) == FRESH
    silent = friday | {"ts": str(NOW - 60_000)}
    assert exit_code(reading(SymbolReading(closed, silent), in_session=False)) == STALE


def test_nothing_to_look_at_is_down() -> None:
    """An error, or no chain of any symbol: 4; the error is in the document."""
    assert exit_code(reading(SymbolReading(None, SPOT))) == DOWN
    failed = SwarmReading("sim", True, NOW, error="Redis is away")
    assert exit_code(failed) == DOWN
    assert status_document(failed) == {"source": "sim", "symbols": {}, "error": "Redis is away"}


def test_a_window_is_told_with_what_it_lacks() -> None:
    """N where it is known; where it is less than was asked for, that and why."""
    assert "strikes_each_side" not in status_document(reading(SymbolReading(META)))["symbols"]["SPX"]
    for each_side, told in (
        (50, ["strikes_each_side"]),
        (30, ["strikes_each_side", "strikes_asked", "notice"]),
    ):
        meta = replace(META, strikes_asked=50, strikes_each_side=each_side)
        seen = status_document(reading(SymbolReading(meta)))["symbols"]["SPX"]
        assert [name for name in ("strikes_each_side", "strikes_asked", "notice") if name in seen] == told


def test_how_data_comes_is_told() -> None:
    """Quotes and, of polled ones, both ages; delayed when meta, stream or spot says so; the source of spot."""
    polled = replace(META, quotes="polled", polled_ms=NOW - 3000, quoted_ms=NOW - 900_000)
    seen = SymbolReading(polled, SPOT | {"method": "parity"}, REPORT)
    assert provenance(seen, NOW) == {
        "quotes": "polled",
        "polled_age_ms": 3000,
        "quotes_age_ms": 900_000,
        "spot_by": "parity",
    }
    assert provenance(SymbolReading(META, SPOT, REPORT), NOW) == {}
    none = replace(META, quotes="none", polled_ms=NOW - 3000, quoted_ms=0)
    assert provenance(SymbolReading(none), NOW) == {"quotes": "none", "polled_age_ms": 3000}


@pytest.mark.parametrize(
    "seen",
    [
        SymbolReading(replace(META, delayed=True), SPOT, REPORT),
        SymbolReading(META, SPOT | {"delayed": "1"}, REPORT),
        SymbolReading(META, SPOT, REPORT | {"delayed": True}),
    ],
    ids=["meta", "spot", "stream"],
)
def test_delayed_is_said_whoever_says_it(seen: SymbolReading) -> None:
    """Any of the three is enough."""
    assert status_document(reading(seen))["symbols"]["SPX"]["delayed"] is True


def test_a_delayed_spot_is_not_stale_for_that() -> None:
    """Fifteen minutes are the plan's; an hour is not."""
    late = SPOT | {"as_of": str(NOW - 905_000), "delayed": "1"}
    assert exit_code(reading(SymbolReading(META, late, REPORT))) == FRESH
    assert exit_code(reading(SymbolReading(META, late | {"as_of": str(NOW - 3_600_000)}, REPORT))) == STALE
    assert exit_code(reading(SymbolReading(META, SPOT | {"as_of": late["as_of"]}, REPORT))) == STALE


def test_a_loads_spot_keeps_where_ticks_come_from() -> None:
    """A chain that was loaded after the last tick has its spot from the same source."""
    tick = SPOT | {"ts": str(META.loaded_ms - 5000), "method": "parity", "delayed": "1"}
    spot = newest_spot(tick, META)
    assert (float(spot["spot"]), spot["method"], spot["delayed"]) == (META.spot, "parity", "1")
    assert "as_of" not in spot
