"""Ticks as a client holds them."""

from marketswarm.client.spot import SpotSeries, Tick
from tests.support.gateway_documents import CURSOR, tick_document
from tests.support.vigil_documents import TS


def document(**more):
    """Two ticks; those of a series do not repeat the symbol."""
    ticks = [{"ts": TS, "spot": 6800.5, "seq": 1}, {"ts": TS + 10_000, "spot": 6801, "seq": 2}]
    return {
        "symbol": "SPX",
        "latest": tick_document(1),
        "ticks": ticks,
        "now_ms": TS,
        "cursor": CURSOR,
    } | more


def test_a_series_is_typed():
    """Every tick knows its symbol; what is not told is absent."""
    series = SpotSeries.of(document())
    assert series.ticks[0] == Tick("SPX", TS, 6800.5, 1)
    assert series.ticks[0].as_of is None
    assert series.latest.ts == TS + 10_000


def test_there_may_be_none():
    """Before the first tick."""
    series = SpotSeries.of(document(latest=None, ticks=[]))
    assert (series.latest, series.ticks) == (None, ())
