"""The feed in process: the same day for the same seed, shared frames, bounded ticks."""

import json

from marketswarm.simulator.scenarios.catalogue import SCENARIOS
from tests.support.simulated_day import SimulatedDay, quotes_near_the_money
from tests.support.simulated_market import new_york_ms

OPEN, CLOSED_AGAIN = "2026-11-23 09:25", "2026-11-23 16:20"


def a_day(seed: int, scenario: str) -> tuple[str, ...]:
    """A whole day at coarse ticks, as hashes of what options, indices and stocks send."""
    day = SimulatedDay(
        OPEN, symbols=("SPX", "SPY"), session="calendar", events_per_second=8.0, seed=seed, scenario=scenario
    )
    near = [channel.removeprefix("Q.") for channel in quotes_near_the_money(day.market, 10)]
    hearers = [
        day.hear("options", [f"{topic}.{ticker}" for topic in ("Q", "T", "AM") for ticker in near]),
        day.hear("indices", ["V.*", "A.*"]),
        day.hear("stocks", ["Q.*", "T.*"]),
    ]
    day.pass_until(CLOSED_AGAIN, every_s=60)
    assert all(hearer.count > 50 for hearer in hearers)
    return tuple(hearer.digest for hearer in hearers)


def test_the_same_day_byte_for_byte():
    """Seed, scenario, start and moments of the ticks give every byte of a whole day; another seed or scenario another day."""
    crash = a_day(3, "crash")
    assert a_day(3, "crash") == crash
    assert not set(a_day(4, "crash")) & set(crash)
    assert not set(a_day(3, "usual")) & set(crash)


def test_nothing_is_sent_outside_hours():
    """In exchange hours the first quote comes after the open and the last before the close, and times only rise."""
    day = SimulatedDay("2026-11-27 09:25", symbols=("SPX",), session="calendar", events_per_second=40.0)
    hearer = day.hear("options", quotes_near_the_money(day.market, 10), keep=True)
    day.pass_until("2026-11-27 13:30", every_s=15)
    times = [event["t"] for frame in hearer.frames for event in json.loads(frame)]
    session = day.market.hours.calendar.session(day.market.hours.trading_day(day.clock.now_ms()))
    assert session.open_ms <= times[0] < session.open_ms + 60_000
    assert session.close_ms - 60_000 < times[-1] < session.close_ms
    assert times == sorted(times)


def test_who_hears_the_same_hears_the_same_frames():
    """Two subscribers of the same contracts get the very same text; one of fewer contracts its own share of it."""
    day = SimulatedDay("2026-11-23 10:00", symbols=("SPX",))
    quotes = quotes_near_the_money(day.market, 20)
    one, two, few = (
        day.hear("options", held, key=key, keep=True)
        for key, held in (("a", quotes), ("b", quotes), ("c", quotes[:10]))
    )
    day.pass_until("2026-11-23 10:00:02", every_s=0.025)
    assert len(few.frames) > 1
    assert sum(frame.count('"Q"') for frame in few.frames) < sum(frame.count('"Q"') for frame in one.frames)
    assert all(a is b for a, b in zip(one.frames, two.frames, strict=True))


def test_frames_hold_as_many_quotes_as_asked():
    """With a size of frame, none holds more events, and all but the last of a tick hold that many."""
    day = SimulatedDay("2026-11-23 10:00", symbols=("SPX",), quotes_per_frame=10, events_per_second=40_000)
    hearer = day.hear("options", quotes_near_the_money(day.market, 50), keep=True)
    day.pass_until("2026-11-23 10:00:01", every_s=0.025)
    sizes = [len(json.loads(frame)) for frame in hearer.frames]
    assert max(sizes) == 10
    assert sum(size == 10 for size in sizes) > 0.9 * len(sizes)


def test_a_fast_clock_does_not_flood():
    """However much time a tick covers, it brings at most about 25,000 events, and frames that clients read."""
    day = SimulatedDay("2026-11-23 10:00", symbols=("SPX",), events_per_second=4000)
    hearer = day.hear("options", quotes_near_the_money(day.market, 50), keep=True)
    day.clock.advance(600)
    day.feed.tick(day.clock.now_ms())
    events = sum(frame.count('"ev"') for frame in hearer.frames)
    assert 20_000 < events < 27_000
    assert max(map(len, hearer.frames)) <= 900_000
    assert len(hearer.frames) > 1


def test_a_settlement_within_a_long_tick():
    """However long a tick, no quote of a contract is later than its settlement."""
    day = SimulatedDay("2026-11-23 15:50", symbols=("SPX",), events_per_second=100)
    hearer = day.hear("options", quotes_near_the_money(day.market, 20), keep=True)
    day.pass_until("2026-11-23 16:20", every_s=1800)
    times = [event["t"] for frame in hearer.frames for event in json.loads(frame)]
    assert day.clock.now_ms() > new_york_ms("2026-11-23 16:10")
    assert new_york_ms("2026-11-23 15:59") < max(times) <= new_york_ms("2026-11-23 16:00")


def test_a_stalled_server_does_not_make_up_for_it():
    """Of a tick that comes late, only so many seconds' events are sent as the caller allows."""
    day = SimulatedDay("2026-11-23 10:00", symbols=("SPX",), events_per_second=4000)
    hearer = day.hear("options", quotes_near_the_money(day.market, 50), keep=True)
    day.clock.advance(5)
    day.feed.tick(day.clock.now_ms(), 0.25)
    assert 150 < sum(frame.count('"Q"') for frame in hearer.frames) < 350


def test_every_scenario_lives_through_a_morning():
    """Each scenario runs on coarse ticks without a quote that is no quote."""
    for name in SCENARIOS:
        start = "2026-11-27 09:30" if name == "half-day" else "2026-11-23 09:30"
        day = SimulatedDay(
            start, symbols=("SPX", "QQQ"), scenario=name, session="calendar", events_per_second=20
        )
        day.pass_until(start.replace("09:30", "11:00"), every_s=60)
        contracts = day.market.book.contracts
        day.market.refresh(day.market.book.listed_rows(), day.feed.streamed())
        assert (contracts["ask"] > contracts["bid"]).all(), name
