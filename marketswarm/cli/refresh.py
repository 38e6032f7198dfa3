"""`marketswarm refresh`: the admin tool. Reloads chains through Celery and shows how far they are."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from marketswarm.chain.request import MAX_STRIKES_EACH_SIDE
from marketswarm.cli.swarm_reading import open_swarm
from marketswarm.cli.symbol_completion import complete_symbol
from marketswarm.cli.terminal import console
from marketswarm.clock import Clock
from marketswarm.errors import BadArgument
from marketswarm.supervisor.preflight import check_store
from marketswarm.wiring import Swarm

if TYPE_CHECKING:
    from marketswarm.cli.reloads import Reload

_FAILED, _TIMED_OUT = 1, 124
_LOOK_S: Final = 0.1
_WONDER_S: Final = 1.0  # this long without any worker taking a task, and it is asked whether there is one
_NO_WORKER: Final = "no worker answers"
_QUEUED: Final = "`marketswarm up` starts one; what was sent stays queued for {:.0f} s more"


@click.command()
@click.argument("symbols", nargs=-1, metavar="[SYMBOL]...", shell_complete=complete_symbol)
@click.option(
    "--strikes",
    type=click.IntRange(1, MAX_STRIKES_EACH_SIDE),
    metavar="N",
    help="Strikes on each side of spot, instead of MARKETSWARM_STRIKES_EACH_SIDE.",
)
@click.option(
    "--expiration", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="Instead of the next one."
)
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    metavar="S",
    help="Seconds to wait for all of them.",
)
@click.option("--no-wait", is_flag=True, help="Send, print the task ids, and go.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def refresh(
    *,
    symbols: tuple[str, ...],
    strikes: int | None,
    expiration: datetime | None,
    timeout_s: float,
    no_wait: bool,
    as_json: bool,
) -> None:
    """Reload the chain of each SYMBOL, of all configured ones unless told, and wait for it.

    Exit code 0 when all are loaded (or another reload was in flight and was joined), 1 when one failed, 124 when the time
    ran out or no worker answers.
    """
    swarm = open_swarm()
    orders = _orders(swarm, symbols, strikes, expiration)
    from marketswarm.cli import reloads  # noqa: PLC0415  only what can be sent pays for importing Celery

    check_store(_broker(swarm))
    sent = reloads.send_reloads(orders, None if no_wait else timeout_s)
    if no_wait:
        _print_sent([replace(reload, state="sent") for reload in sent], as_json)
        return
    done = _follow(sent, swarm.clock, timeout_s)
    _print(done, as_json)
    sys.exit(_exit_code(done))


def _broker(swarm: Swarm) -> str:
    address = swarm.settings.broker_url or swarm.settings.redis_url
    assert address is not None, "a server is required before"
    return address.get_secret_value()


def _orders(
    swarm: Swarm, symbols: Sequence[str], strikes: int | None, expiration: datetime | None
) -> list[dict[str, Any]]:
    """Arguments of one task per symbol, each symbol once.

    Raises:
        BadArgument: for a symbol that is not configured, or a day whose contracts cannot be traded any more.
    """
    names = [swarm.settings.underlying(symbol.strip()).symbol for symbol in symbols or swarm.settings.symbols]
    said: dict[str, Any] = {}
    if strikes is not None:
        said["strikes_each_side"] = strikes
    if expiration is not None:
        first, day = swarm.calendar.first_expiration_day(swarm.clock.now_ms()), expiration.date()
        if day < first:
            raise BadArgument("expiration", day.isoformat(), f"a listed expiration from {first} on")
        said["expiration"] = day.isoformat()
    return [{"symbol": name, **said} for name in dict.fromkeys(names)]


def _follow(sent: Sequence["Reload"], clock: Clock, timeout_s: float) -> list["Reload"]:
    """Look at all of them until they are over or the time is; those that are not over then are timed out."""
    from marketswarm.cli import reloads  # noqa: PLC0415
    from marketswarm.cli.refresh_view import RefreshProgress  # noqa: PLC0415

    begun_s, now = clock.monotonic_s(), list(sent)
    until_s, wonder_s = begun_s + timeout_s, begun_s + min(_WONDER_S, timeout_s)
    with RefreshProgress(console(stderr=True), now) as progress:
        while True:
            now = [reloads.look_again(reload) for reload in now]
            for reload in now:
                progress.show(reload)
            if all(reload.is_over for reload in now):
                return now
            if clock.monotonic_s() >= wonder_s:
                wonder_s = float("inf")
                if all(reload.state == "waiting" for reload in now) and not reloads.workers_answer():
                    progress.say(f"{_NO_WORKER}; {_QUEUED.format(max(0.0, until_s - clock.monotonic_s()))}")
                    return [reload.timed_out(_NO_WORKER) for reload in now]
            if clock.monotonic_s() >= until_s:
                return [reload.timed_out() for reload in now]
            clock.sleep(_LOOK_S)


def _print_sent(sent: Sequence["Reload"], as_json: bool) -> None:
    if as_json:
        _print(sent, as_json)
    else:
        for reload in sent:
            click.echo(f"{reload.symbol}\t{reload.task_id}")


def _print(reloads: Sequence["Reload"], as_json: bool) -> None:
    from marketswarm.cli.refresh_view import refresh_table  # noqa: PLC0415

    if as_json:
        click.echo(json.dumps({"reloads": [reload.as_json() for reload in reloads]}))
    else:
        console().print(refresh_table(reloads))


def _exit_code(reloads: Sequence["Reload"]) -> int:
    states = {reload.state for reload in reloads}
    if "failed" in states:
        return _FAILED
    return _TIMED_OUT if "timeout" in states else 0
