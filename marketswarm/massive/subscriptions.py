"""What one connection is subscribed to. Pure: says which messages to send and keeps account of the answers.

Three sets are kept apart: the contracts that are desired, the ones that were asked for on this connection, and the channels
that the server has acknowledged by name. A contract's channels (`Q.`, `T.`, `A.`) come and go together.

The server answers a channel once, when it is new. It is silent when a channel is already held, when it knows no such
channel, and when the plan gives no data at all; and a refusal names no channel. So silence is given one second try and is
then reported, never waited for without end. Whoever asks again must drop the channel first: only the answer may have been lost.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

_SUBSCRIBED = "subscribed to:"


@dataclass(frozen=True, slots=True)
class SubscriptionRules:
    """What a connection allows.

    Attributes:
        kinds: channels of each contract.
        budget: contracts that may be held at once. What the vendor does with one more is unknown, so none is sent.
        chunk: channels in one message.
        ack_timeout_s: seconds that an acknowledgement may take.
        silent_retry_s: longest wait before channels that stayed silent twice are asked for once more; it begins at twice
            `ack_timeout_s` and doubles.
    """

    kinds: tuple[str, ...] = ("Q", "T", "A")
    budget: int = 1000
    chunk: int = 500
    ack_timeout_s: float = 2.5
    silent_retry_s: float = 60.0


@dataclass(slots=True)
class _Asked:
    at_s: float
    again: bool = False


class Subscriptions:
    """The account of one connection after another: `reset` when a new one begins."""

    def __init__(self, rules: SubscriptionRules) -> None:
        self._rules = rules
        self._desired: dict[str, None] = {}
        self.reset()

    def reset(self) -> None:
        """A new connection holds nothing; what is desired stays."""
        self._held: dict[str, None] = {}
        self._asked: dict[str, _Asked] = {}  # in the order of asking, so the first is always the oldest
        self._confirmed: set[str] = set()
        self._unanswered: set[str] = set()
        self._gave_up_s = 0.0
        self._silences = 0
        self._refused_kinds: set[str] = set()
        self.refusals = 0

    @property
    def desired(self) -> int:
        """How many contracts are desired."""
        return len(self._desired)

    @property
    def over_budget(self) -> int:
        """How many desired contracts the budget has no room for."""
        return max(0, len(self._desired) - self._rules.budget)

    @property
    def confirmed(self) -> int:
        """How many desired contracts are acknowledged on every channel that the plan does not refuse."""
        return len(self.confirmed_tickers())

    def confirmed_tickers(self) -> set[str]:
        """Those contracts."""
        return {ticker for ticker in self._desired if self._is_acknowledged(ticker)}

    @property
    def unanswered(self) -> int:
        """How many channels stayed without an answer after the second try."""
        return len(self._unanswered)

    @property
    def refused_kinds(self) -> tuple[str, ...]:
        """Kinds of channel that the plan refuses as a whole."""
        return tuple(sorted(self._refused_kinds))

    @property
    def is_mute(self) -> bool:
        """Whether all that is held was asked for twice, and nothing at all was answered."""
        return bool(self._unanswered) and not (self._asked or self._confirmed or self.refusals)

    def streams(self, kind: str) -> bool:
        """Whether channels of that kind are asked for, and not refused by the plan."""
        return kind in self._rules.kinds and kind not in self._refused_kinds

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is still awaited."""
        return bool(self._asked)

    @property
    def is_served(self) -> bool:
        """Whether no answer is awaited, and at least one channel was acknowledged, if any contract is desired."""
        return not self._asked and (bool(self._confirmed) or not self._desired)

    @property
    def is_complete(self) -> bool:
        """Whether every desired contract that the budget has room for is acknowledged."""
        return self.confirmed == min(len(self._desired), self._rules.budget)

    def want(self, tickers: Collection[str]) -> bool:
        """Replace the desired contracts; the earlier ones go first when the budget is short. True when they differ."""
        desired = dict.fromkeys(tickers)
        changed = desired.keys() != self._desired.keys()
        self._desired = desired
        return changed

    def plan(self, now_s: float) -> list[str]:
        """The messages that lead from what is held to what is desired, as far as they may be sent now.

        New contracts are asked for first; old ones leave when nothing is awaited any more. Only where the budget forces
        it do old ones leave before.
        """
        new = [ticker for ticker in self._desired if ticker not in self._held]
        leaving = [ticker for ticker in self._held if ticker not in self._desired]
        room = self._rules.budget - len(self._held)
        forced = leaving[: max(0, len(new) - room)]
        messages = self._leave(forced)
        messages += self._ask(new[: room + len(forced)], now_s)
        if not self.is_waiting:
            messages += self._leave(leaving[len(forced) :])
        return messages

    def on_success(self, message: str) -> None:
        """Take an acknowledgement. Those of channels that nobody waits for any more change nothing."""
        if not message.startswith(_SUBSCRIBED):
            return
        for channel in message.removeprefix(_SUBSCRIBED).replace(",", " ").split():
            if self._asked.pop(channel, None) is not None or channel in self._unanswered:
                self._unanswered.discard(channel)
                self._confirmed.add(channel)

    def on_refusal(self) -> None:
        """Count a refusal. It names no channel: which ones it meant shows when they stay without an answer."""
        self.refusals += 1

    def on_time(self, now_s: float) -> list[str]:
        """The messages that ask again for what stayed without an answer for too long; a second silence is recorded."""
        if not self._asked or now_s - next(iter(self._asked.values())).at_s < self._rules.ack_timeout_s:
            return []
        late = [c for c, asked in self._asked.items() if now_s - asked.at_s >= self._rules.ack_timeout_s]
        again = [channel for channel in late if not self._asked[channel].again]
        self._gave_up_s = now_s
        self._silences = 1
        self._give_up([channel for channel in late if self._asked[channel].again])
        for channel in again:
            del self._asked[channel]
            self._asked[channel] = _Asked(now_s, again=True)
        return self._ask_anew(again)

    def on_silence(self, now_s: float) -> list[str]:
        """The messages that ask once more, now and then, for what was given up: one silent contract may have come to life."""
        wait_s = min(self._rules.silent_retry_s, self._rules.ack_timeout_s * 2.0**self._silences)
        if self.is_waiting or not self._unanswered or now_s - self._gave_up_s < wait_s:
            return []
        self._gave_up_s = now_s
        self._silences += 1
        return self._ask_anew(sorted(self._unanswered))

    def _ask_anew(self, channels: Sequence[str]) -> list[str]:
        """A server that holds them already would be silent about a mere second request."""
        return [*self._messages("unsubscribe", channels), *self._messages("subscribe", channels)]

    def _ask(self, tickers: Sequence[str], now_s: float) -> list[str]:
        self._held.update(dict.fromkeys(tickers))
        channels = list(self._channels(tickers))
        self._asked.update((channel, _Asked(now_s)) for channel in channels)
        return list(self._messages("subscribe", channels))

    def _leave(self, tickers: Sequence[str]) -> list[str]:
        channels = list(self._channels(tickers))
        for ticker in tickers:
            del self._held[ticker]
        for channel in channels:
            self._asked.pop(channel, None)
            self._confirmed.discard(channel)
            self._unanswered.discard(channel)
        return list(self._messages("unsubscribe", channels))

    def _give_up(self, channels: Sequence[str]) -> None:
        for channel in channels:
            del self._asked[channel]
        self._unanswered.update(channels)
        if self.refusals:
            served = {_kind(channel) for channel in self._confirmed}
            self._refused_kinds |= {_kind(channel) for channel in channels} - served
            self._unanswered = {c for c in self._unanswered if _kind(c) not in self._refused_kinds}

    def _is_acknowledged(self, ticker: str) -> bool:
        channels = list(self._channels([ticker]))
        return bool(channels) and all(channel in self._confirmed for channel in channels)

    def _channels(self, tickers: Iterable[str]) -> Iterator[str]:
        """Kind by kind, so that the quotes of all contracts come first."""
        for kind in self._rules.kinds:
            if kind not in self._refused_kinds:
                yield from (f"{kind}.{ticker}" for ticker in tickers)

    def _messages(
        self, action: Literal["subscribe", "unsubscribe"], channels: Sequence[str]
    ) -> Iterator[str]:
        for first in range(0, len(channels), self._rules.chunk):
            params = ",".join(channels[first : first + self._rules.chunk])
            yield json.dumps({"action": action, "params": params}, separators=(",", ":"))


def _kind(channel: str) -> str:
    return channel.partition(".")[0]
