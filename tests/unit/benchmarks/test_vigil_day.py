"""A day of stored chains, and an evaluation of each without a store."""

from types import MappingProxyType

import numpy as np
import pytest

from benchmarks.staged_chain import stored_scenes
from benchmarks.vigil_day import live_through
from marketswarm.rehearsal.stage import Stage, StagedMarket
from marketswarm.vigil.columns import columns_of


def test_a_scene_is_stored_as_the_rehearsal_has_it():
    """Read again, the contracts have the columns that they were made from; greeks to six digits."""
    *_, stored = stored_scenes("calm", 2)
    stage = Stage("calm", 7, stored.ts - 10_000, 2, lead_s=2_700.0)
    *_, scene = StagedMarket(stage).scenes()
    found = columns_of(
        stored.chain,
        MappingProxyType(stored.contracts),
        spot=stored.spot,
        now_ms=stored.ts,
        settles_ms=lambda _root: stored.ts + 3_600_000,
    )
    assert found.size == 202
    for name in ("strike", "is_call", "bid", "ask", "open_interest", "volume", "quote_ts"):
        np.testing.assert_array_equal(getattr(found, name), getattr(scene.columns, name))
    for name in ("iv", "delta", "gamma", "theta", "vega"):
        np.testing.assert_allclose(getattr(found, name), getattr(scene.columns, name), rtol=1e-5)


def test_a_day_is_judged_with_and_without_a_store(redis):
    """One figure a tick, and in the end both have the same state."""
    day = live_through(redis, ticks=4, stored=2)
    assert (len(day.pure), len(day.decoding), len(day.stored)) == (4, 4, 2)
    assert len(redis.get("vigil:state:SPX")) == pytest.approx(day.states[-1], abs=8)
