"""One frame of `watch`: a header line, the ladder around its centre, a line of keys."""

from typing import Final

from rich.console import Group, RenderableType
from rich.style import Style
from rich.text import Text

from marketswarm.cli.ladder_view import ladder_table
from marketswarm.cli.seen_chain import days_text
from marketswarm.cli.status_view import provenance_words, state_text
from marketswarm.cli.watched_chain import WatchedChain
from marketswarm.outlets.ladder import Column, Document, columns_for, make_ladder

_FRAME_LINES: Final = 5  # header, blank, titles, spot, keys
_ROSE: Final = Style(color="#b9f6ca", bgcolor="#1b5e20")
_FELL: Final = Style(color="#ffcdd2", bgcolor="#8e2424")
_KEYS: Final = "q quit   ↑ ↓ move   c centre on spot"


def watch_frame(
    watched: WatchedChain, width: int, height: int | None, offset: int = 0, trouble: str = ""
) -> RenderableType:
    """The chain as it is now.

    Args:
        watched: the chain.
        width: of the window, characters.
        height: of the window, lines; None shows every strike and no keys.
        offset: how many rungs the centre lies above (−) or below (+) spot.
        trouble: why nothing moves, shown below the header.
    """
    ladder = make_ladder(watched.follower.contracts.values(), watched.spot)
    if height is not None:
        shown = max(3, height - _FRAME_LINES)
        first = max(0, min(ladder.atm + offset - shown // 2, len(ladder.rungs) - shown))
        ladder = ladder.part(first, first + shown)
    parts: list[RenderableType] = [
        watch_header(watched, moves=not trouble),
        Text(trouble, style="bold red", no_wrap=True, overflow="ellipsis"),
        ladder_table(ladder, columns_for(width), lambda contract, column: _flash(watched, contract, column)),
    ]
    if height is not None:
        parts.append(Text(_KEYS, style="dim"))
    return Group(*parts)


def watch_header(watched: WatchedChain, *, moves: bool = True) -> Text:
    """Symbol, spot, expiration, state, contracts, updates a second and seq on one line; what does not move is not live."""
    follower, rate = watched.follower, watched.updates_per_s
    parts = [
        Text(watched.symbol, style="bold"),
        Text(f"{watched.spot:,.2f}", style="bold yellow"),
        Text(f"{follower.expiration} ({days_text(watched.days)})"),
        state_text(watched.state if moves else "stale"),
        *(Text(words, style="bold yellow") for words in provenance_words(watched.told)),
        Text(f"{len(follower.contracts):,} contracts"),
        Text(f"{rate:,.0f} updates/s" if moves and rate is not None else "no stream"),
        Text(f"seq {follower.seq:,}", style="dim"),
        Text(f"{watched.source} data", style="dim"),
    ]
    return Text("   ").join(parts)


def clamp_offset(watched: WatchedChain, offset: int) -> int:
    """The offset kept where there are rungs."""
    ladder = make_ladder(watched.follower.contracts.values(), watched.spot)
    return max(-ladder.atm, min(offset, len(ladder.rungs) - 1 - ladder.atm))


def _flash(watched: WatchedChain, contract: Document, column: Column) -> Style | None:
    flash = watched.flashes.get((contract["ticker"], column.path))
    if flash is None:
        return None
    return _ROSE if flash.rose else _FELL
