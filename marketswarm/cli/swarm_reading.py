"""One look at what is stored, for `status`, for `up` and for the ladders."""

from dataclasses import replace

from redis.exceptions import RedisError

from marketswarm.cli.terminal import require_server
from marketswarm.errors import MarketSwarmError
from marketswarm.keys import REFRESHES_MAXLEN
from marketswarm.model.chain import ChainId, ChainMeta
from marketswarm.outlets.status import NO_SOURCE, SwarmReading, SymbolReading, attending, newest_spot
from marketswarm.own_swarm import load_settings
from marketswarm.wiring import Swarm


def open_swarm() -> Swarm:
    """The swarm of the settings and of a running `up`, for a command that reads its store.

    Raises:
        SettingsError: for a wrong setting.
        NothingRuns: when no server is known.
    """
    swarm = Swarm(load_settings())
    require_server(swarm.settings)
    return swarm


def read_swarm(swarm: Swarm) -> SwarmReading:
    """What is stored of every configured symbol; a store that does not answer is told in the reading, not raised."""
    blank = SwarmReading(
        source=swarm.settings.source or NO_SOURCE,
        in_session=swarm.in_session(swarm.clock.now_ms()),
        now_ms=swarm.clock.now_ms(),
    )
    try:
        require_server(swarm.settings)
        return _read(swarm, blank)
    except (MarketSwarmError, RedisError) as error:
        return SwarmReading(blank.source, blank.in_session, blank.now_ms, error=str(error))


def read_symbol(swarm: Swarm, symbol: str) -> SymbolReading:
    """What is stored of one symbol.

    Raises:
        StoreUnavailable: when the store does not answer.
    """
    meta, now_ms = _meta(swarm, symbol), swarm.clock.now_ms()
    spot = newest_spot(swarm.spots.last(symbol), meta)
    report = attending(swarm.reports.read(symbol), now_ms)
    return SymbolReading(meta, spot, report, audit=swarm.audits.told(symbol))


def _read(swarm: Swarm, blank: SwarmReading) -> SwarmReading:
    failed = _failures(swarm)
    symbols = {
        symbol: replace(read_symbol(swarm, symbol), failure=failed.get(symbol, ""))
        for symbol in swarm.settings.symbols
    }
    return SwarmReading(
        source=blank.source,
        in_session=blank.in_session,
        now_ms=swarm.clock.now_ms(),
        symbols=symbols,
        heartbeat=swarm.spots.heartbeat(),
        bad_frames=swarm.reports.bad_frame_counts(),
    )


def _failures(swarm: Swarm) -> dict[str, str]:
    """Symbol → why its last load failed, of those whose last load did."""
    newest: dict[str, str] = {}
    for entry in swarm.flights.recent(REFRESHES_MAXLEN):
        error = str(entry.get("error") or "its load failed") if entry.get("state") == "failed" else ""
        newest.setdefault(str(entry.get("symbol")), " ".join(error.split()))
    return newest


def _meta(swarm: Swarm, symbol: str) -> ChainMeta | None:
    day = swarm.chains.current_expiration(symbol)
    return swarm.chains.meta(ChainId(symbol, day)) if day else None
