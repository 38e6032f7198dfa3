"""What the gateway is given to work with: everything that knows connections, Celery or the other stages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from marketswarm.clock import Clock
from marketswarm.errors import UnknownSymbol
from marketswarm.outlets.gateway.access import AccessRules
from marketswarm.outlets.gateway.event_stream import EventStream
from marketswarm.outlets.gateway.stored import GatewayStore
from marketswarm.outlets.levels import StoredLevels
from marketswarm.outlets.status import SwarmReading

PAGE: Final = Path(__file__).parents[1] / "page"
"""The folder of the page, shipped inside the package."""


class Reloads(Protocol):
    """Reloads through Celery. Both calls raise `StoreUnavailable` when its servers do not answer."""

    def send(self, order: Mapping[str, Any]) -> str:
        """Send one `chain.reload` with those arguments; its task's id."""
        ...

    def look(self, task_id: str) -> Mapping[str, Any]:
        """State and progress of a task, in the words of Flower's page."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """One gateway's surroundings. All callables may block; they are called in threads.

    Attributes:
        symbols: the configured ones.
        in_session: whether the market is open at a moment, ms since the epoch.
        report_of: what the stream says of a symbol; empty when none attends to it.
        read_swarm: one look at everything, as `status` takes it; tells of a store that is away, and raises nothing.
        page: the folder of the page's files.
    """

    symbols: tuple[str, ...]
    clock: Clock
    rules: AccessRules
    store: GatewayStore
    levels: StoredLevels
    live: EventStream
    reloads: Reloads
    in_session: Callable[[int], bool]
    report_of: Callable[[str], Mapping[str, Any]]
    read_swarm: Callable[[], SwarmReading]
    page: Path
    version: str

    def symbol(self, name: str) -> str:
        """A configured symbol, in whichever case it was asked for.

        Raises:
            UnknownSymbol: when it is not configured.
        """
        wanted = name.upper()
        if wanted not in self.symbols:
            raise UnknownSymbol("symbol", name[:20], ", ".join(self.symbols))
        return wanted

    def several(self, names: str | None) -> frozenset[str]:
        """Configured symbols, separated by commas; none where nothing was said.

        Raises:
            UnknownSymbol: for the first that is not configured.
        """
        return frozenset(self.symbol(name.strip()) for name in (names or "").split(",") if name.strip())
