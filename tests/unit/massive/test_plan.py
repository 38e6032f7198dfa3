"""What the vendor's answers say of a plan."""

import msgspec
import pytest

from marketswarm import errors
from marketswarm.massive.plan import judge
from marketswarm.massive.wire import Envelope
from marketswarm.model.plan import UnderlyingPlan
from marketswarm.model.spot import SpotReading, SpotReadings
from tests.unit.massive.builders import QUOTE_NS, chain_row, raw, without

REFUSED = errors.NotEntitled("x", "HTTP 403")
BUSY = errors.RateLimited("x", "HTTP 429")
DOWN = errors.ProviderUnavailable("x", "HTTP 503")
LISTED = Envelope(status="OK", results=[raw({"ticker": "x"})])
SPOTS = SpotReadings({"SPX": SpotReading("SPX", 6795.5, 1, "indices")})


def page(*rows: dict, status: str = "OK") -> Envelope:
    """A page of those rows."""
    return Envelope(status=status, results=[raw(row) for row in rows])


def many(*missing: str, **changes) -> list[dict]:
    """Eight rows near the money without those members."""
    return [without(chain_row(f"O:SPXW261123C0680{n}000", **changes), *missing) for n in range(8)]


def judged(chain, *, listing=LISTED, spots=SPOTS, in_session=True) -> UnderlyingPlan:
    """What these answers say of SPX."""
    return judge("SPX", chain=chain, listing=listing, spots=spots, in_session=in_session)


def marks(plan: UnderlyingPlan) -> tuple[str, ...]:
    """Chain, quotes, trades, greeks."""
    return plan.chain, plan.quotes, plan.trades, plan.greeks


@pytest.mark.parametrize(
    ("chain", "in_session", "seen"),
    [
        (page(*many()), True, ("yes", "yes", "yes", "yes")),
        (page(*many()), False, ("yes", "yes", "yes", "yes")),
        (page(*many("last_quote")), True, ("yes", "no", "yes", "yes")),
        (page(*many("last_quote", "last_trade")), True, ("yes", "no", "no", "yes")),
        # One row that has it is enough, whatever the others lack.
        (page(*many("last_quote"), chain_row()), True, ("yes", "yes", "yes", "yes")),
        # A closed market proves nothing by what is missing.
        (page(*many("last_quote", "last_trade")), False, ("yes", "unknown", "unknown", "yes")),
        # Neither do few rows, rows without a trade today, or the vendor's solver.
        (page(*many("last_quote", "last_trade")[:7]), True, ("yes", "unknown", "unknown", "yes")),
        (page(*many("last_trade", day={})), True, ("yes", "yes", "unknown", "yes")),
        (page(*many("implied_volatility", greeks={})), True, ("yes", "yes", "yes", "unknown")),
        (page(*many("implied_volatility", last_quote={})), True, ("yes", "no", "yes", "yes")),
        # An empty chain, and rows that nobody can read.
        (page(), True, ("unknown",) * 4),
        (page(*[{"x": 1}] * 9), True, ("unknown",) * 4),
        (Envelope(status="OK"), True, ("unknown",) * 4),
        # A refusal is a no, by 403 and in a 200 alike; an outage is none.
        (REFUSED, True, ("no",) * 4),
        (REFUSED, False, ("no",) * 4),
        (BUSY, True, ("unknown",) * 4),
        (DOWN, True, ("unknown",) * 4),
        (errors.WireError("x", "<html>"), True, ("unknown",) * 4),
        (errors.NotFound("x", "HTTP 404"), True, ("unknown",) * 4),
    ],
)
def test_what_rows_show(chain, in_session, seen):
    """Yes by one row, no by a refusal or by enough rows of an open market, unknown by all else."""
    assert marks(judged(chain, in_session=in_session)) == seen


@pytest.mark.parametrize(
    ("chain", "timing"),
    [
        (page(*many()), "unknown"),
        (page(*many(), status="DELAYED"), "delayed"),
        (page(*many(last_quote={"bid": 1, "timeframe": "REAL-TIME"})), "real-time"),
        (page(*many(last_trade={"price": 1, "timeframe": "DELAYED"})), "delayed"),
        (page(*many(last_quote={"bid": 1, "last_updated": QUOTE_NS, "timeframe": "DELAYED"})), "delayed"),
        (REFUSED, "unknown"),
    ],
)
def test_whether_it_is_delayed(chain, timing):
    """The answer says so, or a row does; an answer that says neither is unknown."""
    assert judged(chain).timing == timing


@pytest.mark.parametrize(
    ("listing", "known"),
    [(LISTED, "yes"), (Envelope(status="OK", results=[]), "unknown"), (REFUSED, "no"), (DOWN, "unknown")],
)
def test_the_listing(listing, known):
    """Rows are a yes, a refusal is a no."""
    assert judged(page(*many()), listing=listing).listing == known


@pytest.mark.parametrize(
    ("spots", "in_session", "seen"),
    [
        (SPOTS, True, ("indices", "real-time")),
        (
            SpotReadings({"SPX": SpotReading("SPX", 1, 1, "unified", delayed=True)}),
            True,
            ("unified", "delayed"),
        ),
        (SpotReadings({"SPX": SpotReading("SPX", 1, 1, "parity")}), True, ("parity", "real-time")),
        (
            SpotReadings({"SPX": SpotReading("SPX", 1, 1, "previous", stale=True)}),
            True,
            ("previous", "unknown"),
        ),
        (SpotReadings({}, {"SPX": "refused"}), True, ("none", "unknown")),
        (SpotReadings({}, {"SPX": "refused"}), False, ("unknown", "unknown")),
        (SpotReadings({}, {"SPX": "503"}, frozenset({"SPX"})), True, ("unknown", "unknown")),
    ],
)
def test_where_spot_comes_from(spots, in_session, seen):
    """The source that gave it; none only when every source was heard while the market is open."""
    plan = judged(page(*many()), spots=spots, in_session=in_session)
    assert (plan.spot, plan.spot_timing) == seen


def test_numbers_of_the_wrong_kind_are_passed_over():
    """A row that is in no documented shape is no row."""
    rows = [raw(row) for row in many()] + [msgspec.Raw(b"17"), raw(chain_row(day=3))]
    assert judged(Envelope(status="OK", results=rows)).chain == "yes"
