"""What stands in `vigil:levels:<symbol>`."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from marketswarm.maths.realised import SECONDS_A_YEAR, Realised
from marketswarm.vigil.engine import Evaluation
from marketswarm.vigil.inbox import Counts, WaitingTick
from marketswarm.vigil.level_table import LEVELS
from marketswarm.vigil.levels.distances import Distance
from marketswarm.vigil.picture import Cluster, Crossing, Positioning, SmileLevels
from marketswarm.vigil.published import Basis, basis_of, level_fields
from marketswarm.vigil.sighting import Marks
from marketswarm.vigil.state import VigilState
from tests.support.vigil_pictures import (
    CLOSE_MS,
    OPEN_MS,
    SLOT_MS,
    gamma,
    move,
    picture,
    quality,
    session_of,
    ticks_of,
)

NAMES = {
    *(
        "net_gamma",
        "gross_gamma",
        "gamma_by_strike",
        "gamma_profile",
        "flip",
        "crossings",
        "flip_confidence",
        "regime",
    ),
    *("call_wall", "put_wall", "call_peak", "put_peak", "heaviest", "lowest", "clusters", "vanna", "charm"),
    *(
        "live_net_gamma",
        "live_flip",
        "live_gross_gamma",
        "live_gamma_by_strike",
        "live_crossings",
        "live_regime",
        "live_call_wall",
        "live_put_wall",
        "max_pain",
        "put_call_open_interest",
        "put_call_volume",
        "put_call_premium",
    ),
    *(
        "move_open",
        "move_left",
        "sigma",
        "forward",
        "volatility",
        "smile",
        "realised",
        "key_strikes",
        "spot",
        "quality",
    ),
}
TICK = WaitingTick(OPEN_MS + 10_000, 6800.5, 7)
SMILE = SmileLevels(0.15, -0.01, 0.005, 0.001, 20, True, -0.02, 0.003, 1.5, None)
GAMMA = gamma(crossings=(Crossing(6790.0, 1e6),), clusters=(Cluster(6850.0, 6840.0, 6860.0, 0.4, 0.9),))
FULL = Basis(
    tick=TICK,
    picture=picture(
        gamma=GAMMA,
        live_gamma=gamma(weighing="open-interest+volume/2", flip=None),
        positioning=Positioning(6800.0, 2e8, 1.5, 1.0, 0.9),
        smile=SMILE,
        quality=quality(coverage=0.95, quoted_ms=OPEN_MS + 9_000),
    ),
    marks=Marks(as_of=OPEN_MS + 10_000, move_open=22.2, move_open_at=OPEN_MS + 60_000),
    opens_ms=OPEN_MS,
    realised=Realised(0.12, 0.11, 600.0, 60),
    distances=(Distance("call_wall", 6850.0, 49.5, sigmas=1.8),),
    open_interest_date="2026-11-23",
    chain_state="live",
    changes=Counts(7, 45, 3, 10),
)


def fields(basis=FULL, **changes):
    """Name → what stands there."""
    return {name: json.loads(text) for name, text in level_fields(replace(basis, **changes)).items()}


def test_every_level_is_there():
    """By its name; with everything known only one is absent here, and it says why."""
    found = fields()

    assert found.keys() == NAMES
    assert {name: field["absent"] for name, field in found.items() if "absent" in field} == {
        "live_flip": "no-crossing"
    }


@pytest.mark.parametrize("name", sorted(NAMES - {"live_flip"}))
def test_a_level_says_what_it_is(name):
    """Value, unit, method and age, always."""
    field = fields()[name]

    assert {"value", "unit", "method", "as_of"} <= field.keys()
    assert field["unit"]
    assert field["method"]


@pytest.mark.parametrize("name", [level.name for level in LEVELS if level.name != "live_flip"])
def test_a_level_of_the_chain_says_of_which(name):
    """Universe, expiration, coverage, and the vendor's time of the newest quote behind it."""
    field = fields()[name]

    assert (field["universe"], field["expiration"], field["coverage"]) == ("front", "2026-11-23", 0.95)
    assert field["as_of"] == OPEN_MS + 9_000


def test_a_model_says_that_it_is_one():
    """What depends on who is long and short names sign model and weighing; what depends on open interest, its day."""
    found = fields()

    assert (found["net_gamma"]["sign_model"], found["net_gamma"]["weighing"]) == ("naive", "open-interest")
    assert found["live_net_gamma"]["weighing"] == "open-interest+volume/2"
    assert found["max_pain"]["open_interest_date"] == found["vanna"]["open_interest_date"] == "2026-11-23"
    assert "sign_model" not in found["max_pain"]
    assert "open_interest_date" not in found["put_call_volume"]
    assert found["net_gamma"]["unit"] == "USD per 1 % move"


def test_values_are_those_of_the_picture():
    """Numbers as they are, rows by strike and by spot, parts as objects without what is unknown."""
    found = {name: field.get("value") for name, field in fields().items()}

    assert found["net_gamma"] == 2e8
    assert found["gamma_by_strike"][0] == [6750.0, -2e8, 2e8, 0.0, -2e8]
    assert sum(row[1] for row in found["gamma_by_strike"]) == found["net_gamma"]
    assert found["gamma_profile"] == [[6750.0, -2e8], [6800.0, 1e8], [6850.0, 3e8]]
    assert found["crossings"] == [[6790.0, 1e6]]
    assert found["clusters"] == [
        {"centre": 6850.0, "low": 6840.0, "high": 6860.0, "share": 0.4, "ratio": 0.9, "kind": "pin"}
    ]
    assert found["call_wall"]["strike"] == 6850.0
    assert "right_tail" not in found["smile"]
    assert found["key_strikes"] == [{"name": "call_wall", "strike": 6850.0, "points": 49.5, "sigmas": 1.8}]
    assert (found["move_left"], found["move_open"], found["spot"]) == (22.2, 22.2, 6800.5)
    assert found["realised"]["volatility"] == 0.12
    assert "implied" not in found["realised"]
    priced = fields(priced=0.16)["realised"]["value"]
    assert (priced["implied"], priced["ratio"]) == (0.16, pytest.approx(0.75))


def test_the_move_of_the_open_is_of_the_moment_at_which_it_was_fixed():
    """Not of the last chain that was read."""
    assert fields()["move_open"]["as_of"] == OPEN_MS + 60_000


@pytest.mark.parametrize(
    ("at_ms", "since_open"), [(-1, False), (60_000, True), (300_000, True), (300_001, False)]
)
def test_the_move_says_whether_it_is_that_of_the_open(at_ms, since_open):
    """It is when it was fixed within five minutes of the exchange's open; after a late start it is not."""
    marks = Marks(move_open=22.2, move_open_at=OPEN_MS + at_ms)
    found = fields(marks=marks)["move_open"]
    assert (found["since_open"], found["as_of"]) == (since_open, OPEN_MS + at_ms)


def test_a_long_profile_is_thinned_and_keeps_its_ends():
    """At most 121 points."""
    grid = np.linspace(6600, 7000, 1001)
    rows = fields(picture=picture(gamma=gamma(grid=grid, profile=grid * 1e4)))["gamma_profile"]["value"]

    assert len(rows) == 121
    assert (rows[0][0], rows[-1][0]) == (6600, 7000)


def test_no_chain_is_the_reason_for_all_that_needs_one():
    """Spot and what the session has made are there."""
    found = fields(Basis(tick=TICK, picture=None, marks=Marks(move_open=22.2)))

    assert found.keys() == NAMES
    assert {field["absent"] for name, field in found.items() if name in {level.name for level in LEVELS}} == {
        "no-chain"
    }
    assert found["quality"]["absent"] == found["key_strikes"]["absent"] == "no-chain"
    assert (found["spot"]["value"], found["move_open"]["value"]) == (6800.5, 22.2)


def test_a_part_that_is_missing_gives_its_reason():
    """As the picture has it; other parts are there."""
    found = fields(
        picture=picture(gamma=None, absent={"gamma": "no-open-interest", "smile": "too-few-strikes"})
    )

    assert found["net_gamma"]["absent"] == found["clusters"]["absent"] == "no-open-interest"
    assert found["smile"]["absent"] == "too-few-strikes"
    assert found["live_flip"]["absent"] == "not-known"
    assert found["sigma"]["value"] == 27.8


def test_a_degraded_chain_says_so_at_each_of_its_levels():
    """The numbers stand there, with what they are worth."""
    found = fields(picture=picture(quality=quality(coverage=0.5, degraded="low-coverage")))

    assert {found[level.name]["degraded"] for level in LEVELS} == {"low-coverage"}
    assert found["quality"]["degraded"] == "low-coverage"
    assert "degraded" not in found["spot"]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_absent(value):
    """JSON has none of these, and nobody invents one; rows with one are left out."""
    bad = picture(
        gamma=gamma(total=value, vanna=value, net=np.array([value, 1e8, 3e8])),
        move=move(sigma=value),
        quality=quality(coverage=value),
    )
    found = fields(picture=bad)

    assert {found[name]["absent"] for name in ("net_gamma", "vanna", "sigma")} == {"not-finite"}
    assert len(found["gamma_by_strike"]["value"]) == 2
    assert "coverage" not in found["net_gamma"]
    assert found["quality"]["value"] == {
        "stale_share": 0.0,
        "greeks_source": "local",
        "quoted_ms": OPEN_MS,
        "unreadable": 0,
    }
    far = fields(distances=(Distance("call_wall", 6850.0, 49.5, sigmas=value, touch=value),))
    assert far["key_strikes"]["value"] == [{"name": "call_wall", "strike": 6850.0, "points": 49.5}]


def test_nothing_is_ever_null():
    """Whatever is known or not."""
    for basis in (
        FULL,
        Basis(tick=TICK, picture=None, marks=Marks()),
        replace(FULL, picture=picture(move=None)),
    ):
        assert not [name for name, text in level_fields(basis).items() if b"null" in text]


def test_what_the_reader_should_know_stands_beside_the_quality():
    """The chain's own state, what changed, and what was skipped."""
    found = fields(note="catching up: 12 slots skipped, 0 lost")["quality"]

    assert found["note"] == "catching up: 12 slots skipped, 0 lost"
    assert (found["chain_state"], found["changes"]["contracts"]) == ("live", 10)
    assert found["value"]["coverage"] == 0.95


def test_a_delayed_spot_says_so():
    """As the heartbeat does."""
    assert fields(tick=TICK._replace(is_delayed=True))["spot"]["delayed"] is True
    assert "delayed" not in fields()["spot"]


def test_the_same_evaluation_gives_the_same_bytes():
    """Fields in one order, numbers at full length."""
    assert level_fields(FULL) == level_fields(FULL)


def test_key_strikes_say_of_what_and_when_they_are():
    """They are the model's, of the chain that was read last: which may have been before this tick, or degraded since."""
    found = fields(
        picture=picture(quality=quality(coverage=0.5, degraded="low-coverage")),
        marks=Marks(as_of=OPEN_MS - 60_000),
    )["key_strikes"]

    assert (found["sign_model"], found["strikes_as_of"]) == ("naive", OPEN_MS - 60_000)
    assert (found["universe"], found["expiration"]) == ("front", "2026-11-23")
    assert (found["coverage"], found["degraded"]) == (0.5, "low-coverage")


def test_too_little_is_called_too_little():
    """A ratio is absent below a hundred contracts on a side; of premium also where volume has no quotes beside it."""
    found = fields(picture=picture(positioning=Positioning(None, None, None, None, None)))

    assert found["put_call_open_interest"]["absent"] == "too-little-open-interest"
    assert found["put_call_volume"]["absent"] == "too-little-volume"
    assert found["put_call_premium"]["absent"] == "too-little-quoted-volume"


def evaluated(spots, *, start=OPEN_MS, session=None, is_clock=False, **marks):
    """What is published after these spots, ten seconds apart."""
    ticks = ticks_of(spots, start)
    state = VigilState("SPX", ticks=ticks, marks=Marks(**marks))
    last = WaitingTick(ticks[-1].ts, ticks[-1].spot, 1)
    basis = basis_of(
        last,
        Evaluation(state, None, state.marks, (), ()),
        session=session or session_of(last.ts),
        is_around_the_clock=is_clock,
        chain_state="",
        is_delayed=False,
        open_interest_date="",
        note="",
        changes=None,
        opens_ms=OPEN_MS,
    )
    return {name: json.loads(text) for name, text in level_fields(basis).items()}


def zigzag(count, volatility=0.16):
    """Spots whose every return is one step of that volatility of a year of sessions."""
    step = volatility * math.sqrt(10 / SECONDS_A_YEAR)
    return [6800.0 * math.exp(step * (n % 2)) for n in range(count)]


def test_only_the_session_is_realised():
    """Neither what stood still before the open nor the gap to it; too few spots of it are none."""
    closed = [6800.0] * 300
    gap = [spot * 1.006 for spot in zigzag(42)]
    found = evaluated(closed + gap, start=OPEN_MS - 300 * SLOT_MS)["realised"]
    assert found["value"]["volatility"] == pytest.approx(0.16)
    assert evaluated(closed, start=OPEN_MS - 300 * SLOT_MS)["realised"]["absent"] == "too-few-ticks"
    assert (
        evaluated(closed + gap[:20], start=OPEN_MS - 300 * SLOT_MS)["realised"]["absent"] == "too-few-ticks"
    )


@pytest.mark.parametrize("hours_passed", [1, 3, 6])
def test_what_is_realised_as_priced_has_a_ratio_of_one(hours_passed):
    """At any time of the options' last day: both count the same year, whose hours are those of sessions."""
    now_ms = OPEN_MS + hours_passed * 3_600_000
    years = (CLOSE_MS - now_ms) / (365 * 86_400_000)
    priced = 0.16 * math.sqrt(
        365 * 86_400 / SECONDS_A_YEAR
    )  # so much a year of all hours is 16 % of one of sessions
    spots = zigzag(360)
    found = evaluated(spots, start=now_ms - 359 * SLOT_MS, as_of=now_ms, volatility=priced, years=years)[
        "realised"
    ]["value"]
    assert found["implied"] == pytest.approx(0.16)
    assert found["ratio"] == pytest.approx(1.0, abs=2e-3)


def test_key_strikes_grow_old():
    """Five minutes after the chain was read they are none any more, as for every detector."""
    strikes = {"call_wall": 6850.0}
    assert evaluated([6800.0], as_of=OPEN_MS - 300_000, key_strikes=strikes)["key_strikes"]["value"]
    assert "absent" in evaluated([6800.0], as_of=OPEN_MS - 300_001, key_strikes=strikes)["key_strikes"]


def test_around_the_clock_nothing_is_priced_for_a_session():
    """What was realised is told of the day as it was seen; no ratio to sessions that there are none of."""
    session = replace(session_of(OPEN_MS), open_ms=OPEN_MS - 400 * SLOT_MS)
    more = {"session": session, "as_of": OPEN_MS, "volatility": 0.2, "years": 0.001}
    spots = zigzag(60)
    start = OPEN_MS - 100 * SLOT_MS
    assert "ratio" in evaluated(spots, start=start, **more)["realised"]["value"]
    assert "ratio" not in evaluated(spots, start=start, is_clock=True, **more)["realised"]["value"]
