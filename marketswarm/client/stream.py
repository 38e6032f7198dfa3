"""The event stream as an iterator that outlives its connections."""

from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType
from typing import Self

from marketswarm.client.gateway import Gateway
from marketswarm.client.stream_event import StreamEvent
from marketswarm.client.stream_reader import Patience, StreamReader, Wanted
from marketswarm.clock import Clock, SystemClock


class EventStream:
    """What comes, one `StreamEvent` after the other; waits where there is none.

    The first connection must succeed. From then on a broken one is made anew at the place that was reached. It ends when it is
    closed, from any thread, and when nobody holds it any more.
    """

    def __init__(
        self, gateway: Gateway, wanted: Wanted, patience: Patience | None = None, clock: Clock | None = None
    ) -> None:
        """Connect.

        Raises:
            GatewayUnavailable, GatewayRefused: when the first connection cannot be made.
        """
        self._reader = StreamReader(gateway, wanted, patience or Patience(), clock or SystemClock())
        self._items = self._reader.run()

    @property
    def cursor(self) -> str:
        """The place behind what was given last."""
        return self._reader.cursor

    @property
    def reconnects(self) -> int:
        """How often the connection was made anew."""
        return self._reader.reconnects

    def __iter__(self) -> Iterator[StreamEvent]:
        return self

    def __next__(self) -> StreamEvent:
        return next(self._items)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"EventStream({self._reader.url}, cursor={self.cursor!r})"

    def close(self) -> None:
        """End it; what iterates over it ends, too, in whichever thread."""
        self._reader.close()
        with suppress(ValueError):  # somebody reads it now, comes to its end by that, and hangs up
            self._items.close()
            self._reader.hang_up()
