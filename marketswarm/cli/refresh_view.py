"""How far reloads are, and what became of them."""

from collections.abc import Sequence
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from marketswarm.cli.reloads import Reload

_STYLES: Final = {"loaded": "green", "joined": "cyan", "failed": "bold red", "timeout": "bold yellow"}
_COUNTS: Final = ("contracts", "added", "removed", "changed")


class RefreshProgress:
    """One bar per symbol on a terminal; nothing elsewhere. A context manager."""

    def __init__(self, console: Console, reloads: Sequence[Reload]) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[step]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._bars: dict[str, TaskID] = {
            reload.task_id: self._progress.add_task(f"{reload.symbol:<6}", total=None, step="waiting")
            for reload in reloads
        }

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, reload: Reload) -> None:
        """Draw one reload as it is now."""
        total = reload.total or (1 if reload.is_over else None)
        done = total if reload.is_over and total else reload.done
        text = reload.state if reload.is_over else reload.step or reload.state
        self._progress.update(self._bars[reload.task_id], total=total, completed=done, step=text)

    def say(self, text: str) -> None:
        """A line above the bars."""
        self._progress.console.print(f"marketswarm: {text}", markup=False)


def refresh_table(reloads: Sequence[Reload]) -> Table:
    """What became of each reload."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("symbol", "state", "expiration"):
        table.add_column(name)
    for name in (*_COUNTS, "took"):
        table.add_column(name, justify="right")
    table.add_column("error" if any(reload.error for reload in reloads) else "")
    for reload in reloads:
        table.add_row(*_cells(reload))
    return table


def _cells(reload: Reload) -> list[Text]:
    result = reload.result
    took = f"{result['took_ms']:,} ms" if "took_ms" in result else ""
    loaded = reload.state == "loaded"
    return [
        Text(reload.symbol),
        Text(reload.state, style=_STYLES.get(reload.state, "")),
        Text(str(result.get("expiration", ""))),
        *(Text(f"{result[name]:,}" if loaded and name in result else "") for name in _COUNTS),
        Text(took if loaded else ""),
        Text(reload.error or str(result.get("notice", ""))),
    ]
