"""Whatever pictures come, in whatever order, no detector of the chain raises, and what it gives can be told and kept."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketswarm.model.chain import ChainId
from marketswarm.vigil.detectors import clusters, jump_risk, quality, regime, roll, smile, walls
from marketswarm.vigil.picture import Cluster, Crossing
from marketswarm.vigil.sighting import Marks, SessionTime, Tick
from tests.support.vigil_pictures import CLOSE_MS, OPEN_MS, gamma, picture, session_of, wall
from tests.support.vigil_pictures import quality as quality_of
from tests.support.vigil_pictures import smile as smile_of
from tests.support.watched import Watched

MODULES = [clusters, jump_risk, quality, regime, roll, smile, walls]
CHAINS = [ChainId("SPX", date(2026, 11, 23)), ChainId("SPX", date(2026, 11, 24))]

places = st.sampled_from([0.5, 6750.0, 6795.5, 6800.0, 6812.0, 6850.0, 1e7])
numbers = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.floats(-1, 1), places)
maybe = st.none() | numbers
shares = st.sampled_from([0.0, 0.1, 0.12, 0.2, 0.25, 0.6, 1.0, float("nan")])


@st.composite
def ladders(draw):
    """Levels on no strike, on one, or on many, with any number anywhere else."""
    strikes = np.array(
        draw(st.sampled_from([[], [6800.0], [6750.0, 6800.0, 6850.0], list(range(6700, 6901, 5))]))
    )
    net = np.full(strikes.shape, draw(numbers))
    walls_of = st.none() | st.builds(wall, places, exposure=numbers, dominance=shares)
    return gamma(
        strikes=strikes,
        net=net,
        gross=np.abs(net),
        regime=draw(numbers),
        flip=draw(maybe),
        crossings=tuple(draw(st.lists(st.builds(Crossing, places, numbers), max_size=3))),
        call_wall=draw(walls_of),
        put_wall=draw(walls_of),
        clusters=tuple(
            draw(st.lists(st.builds(Cluster, places, numbers, numbers, shares, numbers), max_size=4))
        ),
    )


smiles = st.builds(
    smile_of,
    level=numbers,
    skew=numbers,
    curvature=numbers,
    error=numbers,
    is_good=st.booleans(),
    left_tail=maybe,
    right_tail=maybe,
)
pictures = st.none() | st.builds(
    picture, gamma=st.none() | ladders(), smile=st.none() | smiles, move=st.none(), positioning=st.none()
)
qualities = st.none() | st.builds(
    quality_of,
    coverage=numbers,
    stale_share=numbers,
    quoted_ms=st.integers(0, 2**45),
    degraded=st.sampled_from(["", "x"]),
)


@st.composite
def looks(draw):
    """All that one tick may bring."""
    return {
        "spot": draw(places),
        "picture": draw(pictures),
        "quality": draw(qualities),
        "chain_state": draw(st.sampled_from(["", "live", "stale", "closed"])),
        "chain": draw(st.sampled_from([None, *CHAINS])),
        "marks": Marks(move_open=draw(maybe)),
        "before": tuple(Tick(OPEN_MS + n * 10_000, draw(places)) for n in range(draw(st.integers(0, 8)))),
    }


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.DETECTOR.name)
@settings(max_examples=30)
@given(
    seen=st.lists(looks(), max_size=6),
    again=st.integers(1, 6),
    every_ms=st.sampled_from([10_000, 60_000, 3_600_000, 86_400_000]),
)
def test_no_sequence_of_pictures_raises(module, seen, again, every_ms):
    """Absent parts, no numbers, other chains and other days: the memory can be stored, titles are short, keys are used once."""
    watched = Watched(module, OPEN_MS, **({"warm_up": 3} if module in {smile, jump_risk} else {}))
    for look in seen * again:
        watched.see(every_ms=every_ms, **look)
        for sighting in watched.sightings or ():
            assert len(sighting.title) <= 60
            assert len(sighting.ending) <= 60
        names = [(one.type, one.key, one.direction) for one in watched.sightings or ()]
        assert len(names) == len(set(names))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.DETECTOR.name)
def test_a_chain_that_says_nothing_says_nothing(module):
    """No picture, no open interest, an early hour: nothing is told, and nothing is invented."""
    watched = Watched(module, OPEN_MS - 3_600_000)
    closed = SessionTime("2026-11-23", OPEN_MS, CLOSE_MS, is_open=False)
    for session in (closed, session_of(OPEN_MS)):
        for empty in (None, picture(gamma=None, smile=None, move=None, positioning=None)):
            for _ in range(10):
                assert not watched.see(session=session, picture=empty, marks=Marks())


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.DETECTOR.name)
def test_thresholds_are_closed_and_described(module):
    """Each threshold has a default and says what it is; an unknown one is refused, and none can be changed afterwards."""
    fields = module.Thresholds.model_fields
    assert all(field.description and not field.is_required() for field in fields.values())
    with pytest.raises(ValueError, match="extra"):
        module.Thresholds(unheard_of=1)
    with pytest.raises(ValueError, match="frozen"):
        module.Thresholds().cooldown_s = 1
