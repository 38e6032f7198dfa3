"""Simulated time on the wire: whole days at any speed through real sockets."""

from datetime import datetime

import requests

from tests.support.raw_talk import RawTalk
from tests.support.simulated_day import quotes_near_the_money
from tests.support.simulated_market import new_york_ms
from tests.support.simulator import RunningSimulator, running_simulator

HOUR_MS = 3_600_000


def get(simulator: RunningSimulator, path: str, **parameters: str):
    """One REST call."""
    headers = {"Authorization": "Bearer k"}
    return requests.get(simulator.rest + path, params=parameters, headers=headers, timeout=10).json()


def test_all_times_follow_the_simulated_clock():
    """Quotes, snapshots and `serverTime` are of the simulated day, and only go forward."""
    start_ms = new_york_ms("2026-11-23 10:00")
    with running_simulator(
        symbols=("SPX",), start="2026-11-23 10:00", speed=60.0, events_per_second=100
    ) as simulator:
        channels = quotes_near_the_money(simulator.server.market, 20)
        with RawTalk(simulator.ws + "/options") as talk:
            talk.say("subscribe", ",".join(channels))
            times = [event["t"] for event in talk.events(10, enough=2000) if event["ev"] == "Q"]
        row = get(simulator, "/v3/snapshot/options/I:SPX", limit="1")["results"][0]
        told = datetime.fromisoformat(get(simulator, "/v1/marketstatus/now")["serverTime"])
        assert start_ms < times[0] < times[-1] < start_ms + HOUR_MS
        assert times == sorted(times)
        assert times[-1] - times[0] > 5_000
        assert start_ms <= row["last_quote"]["last_updated"] // 1_000_000 < start_ms + HOUR_MS
        assert start_ms <= told.timestamp() * 1000 < start_ms + HOUR_MS


def test_a_half_day_closes_through_sockets():
    """Fast enough, the half day ends while one listens: quotes stop at 13:00 and the status says so."""
    with running_simulator(
        symbols=("SPX",), scenario="half-day", start="2026-11-27 12:59:30", speed=60.0, events_per_second=20
    ) as simulator:
        close_ms = new_york_ms("2026-11-27 13:00")
        channels = quotes_near_the_money(simulator.server.market, 20)
        while get(simulator, "/v1/marketstatus/now")["market"] == "open":
            pass
        with RawTalk(simulator.ws + "/options") as talk:
            talk.say("subscribe", ",".join(channels))
            assert not [event for event in talk.events(1) if event["ev"] == "Q"]
        row = get(simulator, "/v3/snapshot/options/I:SPX", sort="expiration_date", limit="1")["results"][0]
        assert row["details"]["expiration_date"] == "2026-11-30"
        assert row["last_quote"]["last_updated"] // 1_000_000 <= close_ms


def test_frames_of_one_quote():
    """With frames of one, each event comes alone."""
    with running_simulator(symbols=("SPX",), quotes_per_frame=1) as simulator:
        channels = quotes_near_the_money(simulator.server.market, 20)
        with RawTalk(simulator.ws + "/options") as talk:
            talk.say("subscribe", ",".join(channels))
            talk.statuses(len(channels))
            assert [len(talk.frame()) for _ in range(200)] == [1] * 200
