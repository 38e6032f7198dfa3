"""Who is to hear of which contract: subscriptions as masks over the book's rows."""

from collections.abc import Mapping
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from marketswarm.simulator.book import Book
from marketswarm.simulator.conversation import Conversation, Status

Flags = NDArray[np.bool_]
OptionTopic = Literal["Q", "T", "A", "AM", "FMV"]
TOPICS: tuple[OptionTopic, ...] = get_args(OptionTopic)
# Made from quotes: for them a wildcard is confirmed, and brings nothing.
QUOTED: tuple[OptionTopic, ...] = ("Q", "FMV")


class Subscriber(Protocol):
    """Who is told: a connection, or whatever in process wants to hear the frames."""

    @property
    def conversation(self) -> Conversation:
        """Its account, cluster and channels."""
        ...

    def post(self, frame: str) -> None:
        """Take one frame."""
        ...

    def end(self, last: Status | None) -> None:
        """Take the last word."""
        ...


class Audience:
    """One connection's interest in contracts, kept up with its subscriptions and with the book."""

    def __init__(self, conversation: Conversation, book: Book) -> None:
        self._conversation = conversation
        self._book = book
        self._seen = (-1, -1)
        self._named: Mapping[OptionTopic, Flags] = {}

    def wants_all(self, topic: OptionTopic) -> bool:
        """Whether the wildcard of a topic is held and brings something."""
        return topic not in QUOTED and f"{topic}.*" in self._conversation.held

    def named(self, topic: OptionTopic) -> Flags:
        """Contracts that are subscribed by name, by row of the book."""
        present = (self._conversation.version, self._book.version)
        if present != self._seen:
            self._seen = present
            self._named = {each: self._rows_named(each) for each in TOPICS}
        return self._named[topic]

    def wants(self, topic: OptionTopic, row: int) -> bool:
        """Whether one contract's events of a topic are wanted."""
        return self.wants_all(topic) or bool(self.named(topic)[row])

    def _rows_named(self, topic: OptionTopic) -> Flags:
        flags, prefix = np.zeros(len(self._book.tickers), np.bool_), f"{topic}."
        tickers = (
            channel.removeprefix(prefix) for channel in self._conversation.held if channel.startswith(prefix)
        )
        flags[[self._book.row_of[ticker] for ticker in tickers if ticker in self._book.row_of]] = True
        return np.asarray(flags & self._book.contracts["listed"])
