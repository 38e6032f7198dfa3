"""What `marketswarm up` shows while it starts, runs and stops. On a terminal it moves; elsewhere one plain line a change."""

from collections.abc import Callable
from typing import Final

from rich.console import Console, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from marketswarm.cli.terminal import own_command
from marketswarm.clock import Clock
from marketswarm.supervisor.flower_env import USER, password_file
from marketswarm.supervisor.lifecycle import State
from marketswarm.supervisor.member import Member
from marketswarm.supervisor.plan import Plan
from marketswarm.supervisor.supervisor import Supervisor

_SPIN_S: Final = 0.1
_STATUS_S: Final = 1.0
_TOLD: Final = frozenset({State.READY, State.BACKOFF, State.FAILED, State.STOPPED})
_STYLES: Final = {State.READY: "green", State.BACKOFF: "yellow", State.FAILED: "bold red"}


class UpView:
    """Progress of the start, the table of what runs where, then the symbols each second if `render_status` is given."""

    def __init__(
        self,
        console: Console,
        clock: Clock,
        plan: Plan,
        render_status: Callable[[], RenderableType] | None = None,
    ) -> None:
        self._console = console
        self._clock = clock
        self._plan = plan
        self._render_status = render_status
        self._supervisor: Supervisor | None = None
        self._spinners: dict[str, Spinner] = {}
        self._live: Live | None = None
        self._drawn_s = 0.0
        self._was_up = False

    def watch(self, supervisor: Supervisor) -> None:
        """Show this one."""
        self._supervisor = supervisor
        self._spinners = {member.part.name: Spinner("dots") for member in supervisor.members}

    def changed(self, member: Member) -> None:
        """Tell a change of one part; a terminal that shows the start anyway is told only what is not in it."""
        drawn = member.state is State.READY and self._console.is_terminal and not self._was_up
        if member.state in _TOLD and not drawn:
            self._console.print(_line(member), soft_wrap=True)

    def each_turn(self) -> None:
        """Draw what is due."""
        if self._supervisor is None:
            return
        if self._supervisor.is_stopping:
            self._end_live()
            self._was_up = True  # from here on each change is a line of its own
        elif self._supervisor.is_up and not self._was_up:
            self._end_live()
            self._was_up = True
            self._print_summary(self._supervisor)
        elif self._console.is_terminal:
            self._draw(self._supervisor)

    def _draw(self, supervisor: Supervisor) -> None:
        now_s = self._clock.monotonic_s()
        if now_s - self._drawn_s < (_STATUS_S if self._was_up else _SPIN_S):
            return
        self._drawn_s = now_s
        if not self._was_up:
            self._show(self._progress(supervisor))
        elif self._render_status is not None:
            self._show(self._render_status())

    def _show(self, what: RenderableType) -> None:
        if self._live is None:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        self._live.update(what, refresh=True)

    def _end_live(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _progress(self, supervisor: Supervisor) -> Table:
        grid = Table.grid(padding=(0, 2))
        for member in supervisor.members:
            busy = member.state in (State.STARTING, State.BACKOFF)
            mark: RenderableType = self._spinners[member.part.name] if busy else _mark(member)
            grid.add_row(mark, member.part.name, Text(str(member.state), style="dim"), _took(member))
        return grid

    def _print_summary(self, supervisor: Supervisor) -> None:
        table = Table("part", "process", "address", title=self._title(), title_justify="left")
        for member in supervisor.members:
            cells = (member.part.name, str(member.pid or ""), member.part.address)
            table.add_row(*(Text(cell, overflow="fold") for cell in cells))
        self._console.print(table)
        if self._plan.with_web:
            self._console.print(
                Text.assemble("open: ", (self._plan.web_address, "bold green")), soft_wrap=True
            )
        for line in self._next_steps():
            self._console.print(Text(line), soft_wrap=True)
        self._console.print(Text("Ctrl-C stops all in order."))

    def _next_steps(self) -> list[str]:
        settings, command = self._plan.settings, own_command()
        steps = [
            f"logs: {settings.state_dir / 'logs'}",
            f"try: {command} watch {settings.symbols[0]}",
            f"     {command} status",
        ]
        if self._plan.with_flower:
            page = f"http://127.0.0.1:{settings.flower_port}/refresh"
            steps += [f"     {page} reloads chains", self._flower_login()]
        return steps

    def _title(self) -> str:
        symbols = ", ".join(self._plan.settings.symbols)
        return f"marketswarm is up: {symbols}, data marked {self._plan.source}"

    def _flower_login(self) -> str:
        settings = self._plan.settings
        kept = f"in {password_file(settings)}"
        where = kept if settings.flower_password is None else "the one of MARKETSWARM_FLOWER_PASSWORD"
        return f"Flower: user {USER}, password {where}"


def _line(member: Member) -> Text:
    text = Text(f"{member.part.name:<10}")
    text.append(f"{member.state:<9}", style=_STYLES.get(member.state, "dim"))
    match member.state:
        case State.READY:
            text.append(f" {_took(member)}  process {member.pid}  {member.part.address}".rstrip())
        case State.BACKOFF | State.FAILED:
            text.append(f" {member.detail}; its log: {member.log_path()}")
        case _:
            pass
    return text


def _mark(member: Member) -> Text:
    return Text("✓", style="green") if member.state is State.READY else Text("·", style="dim")


def _took(member: Member) -> str:
    return f"{member.ready_after_s:.1f} s" if member.ready_after_s is not None else ""
