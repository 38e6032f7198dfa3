"""The chain's stream on a real server, turned by hand; its feed and its loads do as they are told."""

import json

from redis import Redis

from marketswarm.chain.flight import FlightControl
from marketswarm.chain.lease import WriterLeases
from marketswarm.chain.loader import ChainLoader, LoadRequest
from marketswarm.chain.pointers import ChainPointers
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.reports import StreamReports
from marketswarm.chain.stream import ChainStream
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.model.chain import ChainId
from tests.support.builders import SPX, ticker
from tests.support.fakes import FakeFeed, FakeMarket

CALL = ticker(6800)


class Rig:
    """A stream, its feed, and a loader that answers its requests when told."""

    def __init__(self, redis: Redis, clock, owner="a", flush_s=0.05, symbols=("SPX",), connections=1):
        self.redis, self.clock = redis, clock
        self.store = RedisChainStore(redis, clock, "test")
        self.market, self.feed, self.asked = FakeMarket(), FakeFeed(clock), []
        flights, calendar = FlightControl(redis, "test"), us_options_calendar()
        pointers = ChainPointers(redis, clock, "test")
        self.loader = ChainLoader(
            self.market, self.store, flights, calendar, clock, pointers=pointers, source="sim"
        )
        self.open = True
        self.reports = StreamReports(redis, "test")
        self.requests = []
        self.stream = ChainStream(
            self.feed,
            self.store,
            WriterLeases(redis, clock, "test", owner, connections=connections),
            self.reports,
            clock,
            symbols=symbols,
            in_session=lambda _now_ms: self.open,
            held_chains=self.held,
            request_load=self.request,
            flush_s=flush_s,
            failed_loads=flights.failures,
        )

    def request(self, _symbol, reason, request):
        self.asked.append(reason)
        self.requests.append(request)

    def held(self, symbol):
        day = self.store.current_expiration(symbol)
        return [ChainId(symbol, day)] if day else []

    def turn(self, seconds=0.2):
        self.clock.advance(seconds)
        self.stream.turn()

    def answer(self):
        """Do the load that was asked for last."""
        self.loader.load(LoadRequest("SPX", self.asked.pop(), 4, request=self.requests[-1]))
        self.turn()

    def go_live(self):
        self.turn()
        self.answer()
        self.feed.confirm()
        self.turn()
        self.turn()
        self.answer()
        self.turn(1.1)
        return self

    @property
    def state(self):
        return self.store.meta(SPX).state

    def stored(self, name=CALL):
        return json.loads(self.redis.hget("chain:SPX:2026-11-23", name))
