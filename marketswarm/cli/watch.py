"""`marketswarm watch SYMBOL`: the ladder, live in the terminal."""

import sys
from contextlib import suppress
from typing import Final

import rich_click as click
from rich.console import Console
from rich.live import Live

from marketswarm.cli.chain import NO_SUCH_CHAIN
from marketswarm.cli.keypresses import Keypresses
from marketswarm.cli.swarm_reading import open_swarm
from marketswarm.cli.symbol_completion import complete_symbol
from marketswarm.cli.terminal import console
from marketswarm.cli.watch_view import clamp_offset, watch_frame
from marketswarm.cli.watched_chain import WatchedChain
from marketswarm.clock import Clock
from marketswarm.errors import NoSuchChain, StoreUnavailable

_DRAW_S: Final = 0.1
_AWAY_S: Final = 0.5
_MOVES: Final = {"up": -1, "down": 1, "k": -1, "j": 1, "page up": -10, "page down": 10}


@click.command()
@click.argument("symbol", shell_complete=complete_symbol)
@click.option(
    "--once", is_flag=True, help="Print one plain frame and go; so it is anyway where there is no terminal."
)
def watch(symbol: str, once: bool) -> None:
    """Watch the chain of SYMBOL: what changes flashes. q quits, arrows move, c goes back to spot.

    Exit code 0; 5 when no chain of the symbol is stored, 2 when it is not configured.
    """
    swarm, name = open_swarm(), symbol.strip().upper()
    try:
        watched = WatchedChain(swarm, name)
    except NoSuchChain as error:
        swarm.settings.underlying(name)  # else the symbol is what is wrong
        click.echo(f"marketswarm: {error}", err=True)
        sys.exit(NO_SUCH_CHAIN)
    out = console()
    if once or not out.is_terminal:
        out.print(watch_frame(watched, out.width, None))
        return
    try:
        _Window(out, watched, swarm.clock).run()
    except KeyboardInterrupt:
        return


class _Window:
    """The alternate screen, until q."""

    def __init__(self, out: Console, watched: WatchedChain, clock: Clock) -> None:
        self._out = out
        self._watched = watched
        self._clock = clock
        self._offset = 0
        self._trouble = ""
        self._open = True

    def run(self) -> None:
        """Take in, listen, draw."""
        drawn_s = float("-inf")
        with Keypresses() as keys, Live(console=self._out, screen=True, auto_refresh=False) as live:
            while self._open:
                if self._clock.monotonic_s() - drawn_s >= _DRAW_S:
                    drawn_s = self._clock.monotonic_s()
                    self._draw(live)
                for key in keys.pressed():
                    self._on_key(key)
                self._take_in()

    def _draw(self, live: Live) -> None:
        self._watched.fade()
        size = self._out.size
        live.update(
            watch_frame(self._watched, size.width, size.height, self._offset, self._trouble), refresh=True
        )

    def _on_key(self, key: str) -> None:
        if key == "q":
            self._open = False
        elif key == "c":
            self._offset = 0
        elif key in _MOVES:
            self._offset = clamp_offset(self._watched, self._offset + _MOVES[key])

    def _take_in(self) -> None:
        try:
            self._watched.turn(_DRAW_S / 2)
            self._trouble = ""
        except (StoreUnavailable, NoSuchChain) as error:
            self._trouble = str(error)
            self._clock.sleep(_AWAY_S)
            self._reopen()

    def _reopen(self) -> None:
        """Begin anew where the server is now: an `up` that was restarted has another address."""
        with suppress(StoreUnavailable, NoSuchChain):
            self._watched = WatchedChain(open_swarm(), self._watched.symbol)
