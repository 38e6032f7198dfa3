"""What detectors of the chain share."""

from datetime import date

import numpy as np

from marketswarm.model.chain import ChainId
from marketswarm.vigil.evidence import (
    facts,
    is_expiring,
    is_known,
    nearest,
    scope_of,
    step_near,
)
from tests.support.vigil_pictures import CHAIN, DAY_MS, OPEN_MS, moment, picture, quality, session_of


def test_a_scope_is_a_chain_on_a_day():
    """Another chain, no chain, and another day are each another scope."""
    later = moment(session=session_of(moment().tick.ts + DAY_MS))
    other = moment(chain=ChainId("SPX", date(2026, 11, 24)))
    assert len({scope_of(one) for one in (moment(), later, other, moment(chain=None))}) == 4


def test_the_chain_of_today_expires():
    """Only a chain whose expiration is the session's day does."""
    assert is_expiring(moment(chain=CHAIN))
    assert not is_expiring(moment(chain=ChainId("SPX", date(2026, 11, 24))))
    assert not is_expiring(moment(chain=None))


def test_evidence_holds_what_is_known():
    """None and what is no finite number are left out; the rest has its unit and the tick's time."""
    nan, infinite = float("nan"), float("inf")
    found = facts(moment(), {"a": (1.5, "points"), "b": (None, "x"), "c": (nan, "x"), "d": (infinite, "x")})
    assert {name: (fact.value, fact.unit, fact.as_of) for name, fact in found.items()} == {
        "a": (1.5, "points", moment().tick.ts)
    }
    assert [is_known(value) for value in (0.0, None, nan, infinite)] == [True, False, False, False]


def test_steps_are_those_near_the_place():
    """Five points around spot, though the wings are listed every 25; one strike has no step."""
    strikes = np.concatenate(
        [np.arange(6000.0, 6700, 25), np.arange(6700.0, 6900, 5), np.arange(6900.0, 7500, 25)]
    )
    assert step_near(strikes, 6800.0) == 5
    assert step_near(strikes, 6100.0) == 25
    assert step_near(strikes, 1e9) == 25
    assert step_near(np.array([6800.0]), 6800.0) is None
    assert step_near(np.array([]), 6800.0) is None


def test_the_nearest_strike_is_a_listed_one():
    """Of two that are equally near, the lower."""
    strikes = np.array([6795.0, 6800.0, 6805.0])
    assert [nearest(strikes, place) for place in (1.0, 6797.5, 6801.0, 9e9)] == [6795, 6795, 6800, 6805]


def test_a_number_of_the_chain_is_as_old_as_its_quotes():
    """As in the published levels; without a picture, or a quote, it is of the tick."""
    late = moment(picture=picture(quality=quality(quoted_ms=OPEN_MS - 900_000)))
    for seen, as_of in ((late, OPEN_MS - 900_000), (moment(), moment().tick.ts)):
        assert facts(seen, {"share": (0.2, "share")})["share"].as_of == as_of
