"""The vendor in a virtual world: the simulator's market, routes and conversations, without a socket, and with faults by plan."""

import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter

from marketswarm.massive.inbox import Ended, Frame, Heard, Inbox, InboxSize, Opened
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.simulator.answers import Refused
from marketswarm.simulator.api import Call, RestApi
from marketswarm.simulator.config import DEFAULT_INDICES, SimulatorConfig
from marketswarm.simulator.conversation import CONNECTED, MAX_CONNECTIONS, Conversation, as_frame
from marketswarm.simulator.feed import Feed
from marketswarm.simulator.hours import Hours
from marketswarm.simulator.market import Market
from marketswarm.simulator.profile import profile_of
from tests.support.virtual_world import World

TICK_S = 0.25
LATENCY_S = 0.02
MOMENTARY = (
    "cut",
    "close 1000",
    "close 1001",
    "close 1008",
    "close 1009",
    "close 1011",
    "evict",
    "half-open",
)
LASTING = (
    "refuse", "no-auth", "mute", "slow", "no-acks", "late-acks", "duplicates", "reorder", "garbage",
    "rest 429", "rest 500", "rest timeout", "rest cut", "rest slow",
)  # fmt: skip
_GARBAGE = (
    "<html>502</html>",
    "{}",
    "[",
    '[{"ev":"ZZ"}]',
    "[17,null]",
    '[{"ev":"Q","sym":"O:SPY991231C00001000","bp":1,"ap":2,"t":1}]',
    '[{"ev":"Q","bp":"dear"}]',
)


@dataclass(frozen=True)
class Fault:
    """What goes wrong, from when, and for how long; seconds of the world."""

    kind: str
    from_s: float
    for_s: float = 0.0

    @property
    def to_s(self) -> float:
        """When its cause is over."""
        return self.from_s + self.for_s


class VirtualVendor:
    """One account at one vendor.

    Attributes:
        market: the truth.
        refusals: how often a connection could not be opened, and how often a request failed, for want of faults to be noticed.
    """

    def __init__(self, world: World, symbols: Sequence[str], seed: int, faults: Sequence[Fault]) -> None:
        self.world, self._faults, self._chance = world, faults, random.Random(seed)
        self._symbols = tuple(symbols)
        config = SimulatorConfig(symbols=symbols, seed=seed, events_per_second=1600.0)
        profiles = [profile_of(symbol, is_index=symbol in DEFAULT_INDICES) for symbol in symbols]
        self.market = Market(profiles, Hours(us_options_calendar(), "always"), seed, world.now_ms())
        self.feed = Feed(self.market, config, world)
        self._routes = [
            (re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path)), handler)
            for path, handler in RestApi(self.market, self.feed.streamed).routes().items()
        ]
        self.links: list[VirtualConnection] = []
        self.held_still = False
        world.every(TICK_S, self._tick)
        for fault in faults:
            if fault.kind in MOMENTARY:
                world.after(fault.from_s - world.monotonic_s(), lambda kind=fault.kind: self._strike(kind))

    def is_on(self, kind: str) -> bool:
        """Whether such a fault lasts at the moment."""
        now_s = self.world.monotonic_s()
        return any(fault.kind == kind and fault.from_s <= now_s < fault.to_s for fault in self._faults)

    def rest(self, request: requests.PreparedRequest) -> requests.Response:
        """Answer a request; the caller's thread waits for as long as it takes."""
        self.world.sleep(2.0 if self.is_on("rest slow") else LATENCY_S)
        if self.is_on("rest timeout"):
            self.world.sleep(3.0)
            raise requests.Timeout
        if self.is_on("rest 429"):
            return _response(
                request, 429, b'{"status":"ERROR","error":"exceeded the maximum requests per minute"}'
            )
        if self.is_on("rest 500"):
            return _response(request, 500, b"<html>Internal Server Error</html>")
        status, body = self._answer(request)
        return _response(request, status, body[: len(body) // 2] if self.is_on("rest cut") else body)

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, bytes]:
        parts = urlsplit(request.url)
        path = parts.path.replace("%3A", ":")
        for pattern, handler in self._routes:
            if found := pattern.fullmatch(path):
                try:
                    answer = handler(
                        Call(path, found.groupdict(), dict(parse_qsl(parts.query)), "https://other.host")
                    )
                except Refused as refused:
                    answer = refused.answer
                return answer.status, answer.body
        return 404, b"404 page not found"

    def _tick(self) -> None:
        if not self.held_still:
            self.feed.tick(self.world.now_ms())

    def _strike(self, kind: str) -> None:
        for link in list(self.links):
            if kind == "half-open":
                link.is_dead = True
            elif kind == "cut":
                link.hang_up(None)
            elif kind == "evict":
                link.end(MAX_CONNECTIONS)
            else:
                link.hang_up(int(kind.split()[1]))

    def mangled(self, frame: str, held_back: list[Any]) -> list[str]:
        """What is sent in place of a data frame; what is held back goes with a later one."""
        if self.is_on("mute"):
            return []
        if frame := self._without_the_mute(frame):
            return self._mangled_further(frame, held_back)
        return []

    def _without_the_mute(self, frame: str) -> str:
        """The frame without events of symbols that are mute by themselves (`mute SPY`); empty when none is left."""
        mute = tuple(f"O:{symbol}" for symbol in self._symbols if self.is_on(f"mute {symbol}"))
        if not mute:
            return frame
        events = [event for event in json.loads(frame) if not event["sym"].startswith(mute)]
        return json.dumps(events) if events else ""

    def _mangled_further(self, frame: str, held_back: list[Any]) -> list[str]:
        frames = [frame]
        if self.is_on("reorder") or held_back:
            events = json.loads(frame)
            late, held_back[:] = list(held_back), []
            if self.is_on("reorder"):
                held_back[:] = [event for event in events if self._chance.random() < 0.3]
            kept = [event for event in events if event not in held_back] + late
            frames = [json.dumps(kept)] if kept else []
        if self.is_on("duplicates"):
            frames *= 2
        if self.is_on("garbage"):
            frames.insert(self._chance.randint(0, len(frames)), self._chance.choice(_GARBAGE))
        return frames


class VirtualConnection:
    """The vendor's side of one connection: what the simulator's `Feed` and this vendor need of it."""

    def __init__(self, vendor: VirtualVendor, number: int, inbox: Inbox) -> None:
        self._vendor, self._number, self._inbox = vendor, number, inbox
        self.conversation = Conversation("options", lambda key: key or None, 1000)
        self.is_ending = self.is_dead = False
        self._held_back: list[Any] = []
        self._arrives_s = 0.0

    def open(self) -> None:
        """The client is there."""
        self._vendor.links.append(self)
        self._put(lambda: self._inbox.put(Opened(self._number)))
        self.say([CONNECTED])

    def hear(self, text: str) -> None:
        """The client says something."""
        if self.is_ending or self.is_dead:
            return
        reply = self.conversation.hear(text)
        if self._vendor.is_on("no-auth") and (reply.admitted or reply.refused):
            return
        self.say(reply.statuses)
        if reply.admitted:
            self._vendor.feed.admit(self)

    def say(self, statuses: Sequence[dict[str, str]]) -> None:
        """Send statuses, unless a fault keeps them."""
        is_ack = any(status["status"] == "success" for status in statuses)
        if statuses and not (is_ack and self._vendor.is_on("no-acks")):
            late_s = 2.0 if is_ack and self._vendor.is_on("late-acks") else 0.0
            self._vendor.world.after(late_s, lambda: self._send(as_frame(statuses)))

    def post(self, frame: str) -> None:
        """Send data, as faults let it."""
        for mangled in self._vendor.mangled(frame, self._held_back):
            self._send(mangled)

    def end(self, last: dict[str, str] | None, code: int = 1008) -> None:
        """A last word, and the end."""
        if last is not None:
            self._send(as_frame([last]))
        self.hang_up(code)

    def pinged(self) -> None:
        """A ping came."""
        self._put(lambda: self._inbox.put(Heard(self._number)))

    def hang_up(self, code: int | None) -> None:
        """The end, with a close frame or without."""
        self._put(lambda: self._inbox.put(Ended(self._number, code, "")))
        self.leave()

    def leave(self) -> None:
        """Forget the client."""
        self.is_ending = True
        self._vendor.feed.leave(self)
        if self in self._vendor.links:
            self._vendor.links.remove(self)

    def _send(self, frame: str) -> None:
        world = self._vendor.world
        self._put(lambda: self._inbox.put(Frame(self._number, world.monotonic_s(), frame.encode())))

    def _put(self, put: Callable[[], None]) -> None:
        """After the time that it takes, and never before what was sent before."""
        if self.is_ending or self.is_dead:
            return
        world = self._vendor.world
        takes_s = 1.0 if self._vendor.is_on("slow") else LATENCY_S
        self._arrives_s = max(self._arrives_s, world.monotonic_s() + takes_s)
        world.after(self._arrives_s - world.monotonic_s(), put)


class VirtualSocket:
    """The client's side: `marketswarm.massive.feed.UpstreamSocket`."""

    def __init__(self, vendor: VirtualVendor, inbox: Inbox) -> None:
        self._vendor, self._inbox = vendor, inbox
        self._link: VirtualConnection | None = None
        self._opened = 0

    @property
    def current(self) -> int | None:
        return self._opened if self._link is not None else None

    def open(self) -> None:
        self.close()
        self._opened += 1
        number = self._opened
        self._link = link = VirtualConnection(self._vendor, number, self._inbox)
        refused = self._vendor.is_on("refuse")
        end = Ended(number, None, "connection refused")
        self._vendor.world.after(LATENCY_S, (lambda: self._inbox.put(end)) if refused else link.open)

    def send(self, text: str) -> None:
        self._tell(lambda link: link.hear(text))

    def ping(self) -> None:
        self._tell(VirtualConnection.pinged)

    def close(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            self._vendor.world.after(LATENCY_S, link.leave)

    def shut(self) -> None:
        self.close()

    def _tell(self, what: Callable[[VirtualConnection], None]) -> None:
        if self._link is not None:
            self._vendor.world.after(LATENCY_S, lambda link=self._link: what(link))


class VirtualInbox(Inbox):
    """An inbox whose reader lets the world go on while it waits."""

    def __init__(self, world: World) -> None:
        super().__init__(InboxSize())
        self._world = world

    def take(self, timeout_s: float) -> list[Any]:
        """What has come, or comes until then."""
        self._world.run_until(self._world.monotonic_s() + timeout_s, lambda: len(self) > 0)
        return super().take(0.0)


class VirtualWire(BaseAdapter):
    """Requests to the virtual vendor, for `requests`."""

    def __init__(self, vendor: VirtualVendor) -> None:
        super().__init__()
        self._vendor = vendor

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        """The vendor's answer."""
        return self._vendor.rest(request)

    def close(self) -> None:
        """Nothing is kept open."""


def _response(request: requests.PreparedRequest, status: int, body: bytes) -> requests.Response:
    response = requests.Response()
    response.status_code, response._content, response.url = status, body, str(request.url)
    response.request = request
    return response
