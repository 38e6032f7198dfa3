"""`GET /api/v1/chain/{symbol}`: a chain, with the cursor to follow it from."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from marketswarm.errors import BadArgument
from marketswarm.outlets.gateway.answers import JsonAnswer, raw_object
from marketswarm.outlets.gateway.desk import Desk
from marketswarm.outlets.gateway.shapes import ChainAnswer
from marketswarm.outlets.gateway.stored import SeenChain
from marketswarm.outlets.status import honest_state

_PRICES: Final = ("centre", "low", "high")
_TIMES: Final = ("loaded_ms", "applied_ms")


def chain_routes(desk: Desk) -> APIRouter:
    """The route, for that desk."""
    routes = APIRouter(tags=["chain"])

    @routes.get("/chain/{symbol}", response_model=ChainAnswer)
    def chain(symbol: str, expiration: Annotated[str | None, Query(max_length=20)] = None) -> JsonAnswer:
        """The chain in force, or that of another expiration, exactly as it stands at its cursor.

        Entries of `sse:chain-feed` with a `seq` up to the chain's are in it already.
        """
        name, day = desk.symbol(symbol), day_of(expiration)
        seen, report, now_ms = desk.store.chain(name, day), desk.report_of(name), desk.clock.now_ms()
        state = honest_state(seen.meta["state"], report, in_session=desk.in_session(now_ms))
        head = chain_head(name, seen, state, now_ms)
        rows = b",".join(b'"%s":%s' % (ticker.encode(), text) for ticker, text in seen.contracts.items())
        return JsonAnswer(raw_object(head, "contracts", b"{%s}" % rows))

    return routes


def chain_head(symbol: str, seen: SeenChain, state: str, now_ms: int) -> dict[str, Any]:
    """All of a chain's answer but its contracts. What is not stored is left out."""
    meta = seen.meta
    spot = _newest_spot(meta, seen.tick)
    return {
        "symbol": symbol,
        "expiration": seen.expiration,
        "epoch": int(meta["epoch"]),
        "seq": int(meta["seq"]),
        "state": state,
        **({"spot": spot} if spot is not None else {}),
        **{name: float(meta[name]) for name in _PRICES if meta.get(name)},
        "source": meta.get("source", ""),
        "delayed": meta.get("delayed") == "1",
        **{name: int(meta[name]) for name in _TIMES if meta.get(name)},
        "now_ms": now_ms,
        "cursor": seen.cursor,
    }


def _newest_spot(meta: Mapping[str, str], tick: Mapping[str, str]) -> float | None:
    """The last tick's, or that of the load where it is newer."""
    is_tick_newer = int(tick.get("ts", -1)) >= int(meta.get("loaded_ms", 0))
    text = tick.get("spot") if is_tick_newer else meta.get("spot")
    return float(text) if text else None


def day_of(text: str | None) -> str | None:
    """A day as it is written; None where nothing is.

    Raises:
        BadArgument: for what is no day.
    """
    if not text:
        return None
    try:
        if date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    raise BadArgument("expiration", text, "a day as YYYY-MM-DD")
