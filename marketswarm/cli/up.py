"""`marketswarm up`: everything under one supervisor, until Ctrl-C."""

import secrets
from pathlib import Path
from typing import Final

import rich_click as click
from rich.console import Console

from marketswarm.announcement import RunningLock
from marketswarm.cli.up_status import StatusReader
from marketswarm.cli.up_view import UpView
from marketswarm.clock import SystemClock, clock_of
from marketswarm.errors import BadArgument, SupervisorError
from marketswarm.settings import Settings, settings_origin
from marketswarm.supervisor.embedded import find_server, free_port, server_port
from marketswarm.supervisor.parts import parts_of
from marketswarm.supervisor.plan import Plan, choose_simulator
from marketswarm.supervisor.preflight import check_port, check_store
from marketswarm.supervisor.process import SystemProcesses
from marketswarm.supervisor.replay_plan import ReplayPlan, plan_replay
from marketswarm.supervisor.simulator_plan import Asked, SimulatorPlan, plan_simulator
from marketswarm.supervisor.supervisor import Failure, Supervisor
from marketswarm.thresholds_joint import check_thresholds

_PLAIN_WIDTH: Final = 200  # where nobody's window sets one, paths stay on one line


@click.command()
@click.option("--sim", is_flag=True, help="Run on the built-in simulator, even if MASSIVE_API_KEY is set.")
@click.option("--live", is_flag=True, help="Run on the vendor's data; needs MASSIVE_API_KEY.")
@click.option(
    "--replay",
    "recording",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Run on a recording, by its clock and with its settings.",
)
@click.option(
    "--scenario",
    metavar="NAME",
    help="What the simulator makes happen, such as crash or half-day; usual unless given.",
)
@click.option(
    "--start",
    metavar="'YYYY-MM-DD HH:MM'",
    help="Where the simulator's time begins, on New York's clock; now unless given.",
)
@click.option(
    "--speed",
    metavar="X",
    help="With --replay times as fast as it was, else the simulator's seconds a real one.",
)
@click.option(
    "--faults",
    multiple=True,
    metavar="NAME[:param=value,…][@START[+DURATION][/EVERY]]",
    help="What is to go wrong on the simulator's wire and when, such as `cut@30s`; may be repeated.",
)
@click.option(
    "--plan", metavar="NAME", help="The simulator's options plan, such as developer; advanced unless given."
)
@click.option("--symbols", metavar="SPX,SPY,…", help="Instead of MARKETSWARM_SYMBOLS.")
@click.option("--no-web", is_flag=True, help="Leave the gateway and its page out.")
@click.option("--no-flower", is_flag=True, help="Leave Flower out.")
def up(
    *,
    sim: bool,
    live: bool,
    recording: Path | None,
    scenario: str | None,
    start: str | None,
    speed: str | None,
    faults: tuple[str, ...],
    plan: str | None,
    symbols: str | None,
    no_web: bool,
    no_flower: bool,
) -> None:
    """Start everything, say what runs where, and keep it running until Ctrl-C.

    Without MASSIVE_API_KEY the data comes from the built-in simulator; without MARKETSWARM_REDIS_URL it is kept in an
    embedded server on loopback. Exit code 0 after a clean stop, 1 when a part failed, 2 for wrong use, 4 when
    the Redis that is named is not reachable.
    """
    if sim + live + (recording is not None) > 1:
        raise click.UsageError("--sim, --live and --replay exclude each other")
    asked = Asked(scenario, start, None if recording is not None else _seconds_a_second(speed), plan, faults)
    if live or recording is not None:
        _refuse(asked, f"not with {'--live' if live else '--replay'}")
    replay = _plan_replay(recording, speed or "1", symbols) if recording is not None else None
    given = {"MARKETSWARM_SYMBOLS": symbols} if symbols is not None else {}
    settings = check_thresholds(Settings.load(given=given if replay is None else replay.settings))
    simulator = None
    if replay is None and choose_simulator(settings, sim, live):
        simulator = plan_simulator(settings, asked, clock=SystemClock(), port=free_port())
    elif replay is None:
        _refuse(asked, "add --sim, because MASSIVE_API_KEY is set")
    with RunningLock(settings.state_dir) as lock:
        run = _make_plan(settings, simulator, replay, with_flower=not no_flower, with_web=not no_web)
        supervisor = _supervisor(run)
        lock.announce(run.announced())
        failure = supervisor.run()
    if failure is not None:
        _tell(failure)


def _plan_replay(recording: Path, speed: str, symbols: str | None) -> ReplayPlan:
    return plan_replay(recording, speed, symbols, clock=SystemClock(), port=free_port())


def _seconds_a_second(text: str | None) -> float | None:
    """The simulator's speed, refused in the words of its own command line where it is no number."""
    try:
        return None if text is None else float(text)
    except ValueError:
        raise BadArgument("--speed", text, "a number") from None


def _refuse(asked: Asked, words: str) -> None:
    if asked.names:
        raise click.UsageError(f"{', '.join(asked.names)}: for the simulator, {words}")


def _make_plan(
    settings: Settings,
    simulator: SimulatorPlan | None,
    replay: ReplayPlan | None,
    *,
    with_flower: bool,
    with_web: bool,
) -> Plan:
    if with_web:
        check_port("gateway", settings.http_port, "MARKETSWARM_HTTP_PORT", settings.http_host)
    if with_flower:
        check_port("flower", settings.flower_port, "MARKETSWARM_FLOWER_PORT")
    if settings.broker_url is not None:
        check_store(settings.broker_url.get_secret_value())
    server = None
    if settings.redis_url is None:
        server = find_server(), server_port()
        redis_url = f"redis://127.0.0.1:{server[1]}/0"
    else:
        redis_url = settings.redis_url.get_secret_value()
        check_store(redis_url)
    return Plan(
        settings=settings,
        run_id=secrets.token_hex(6),
        redis_url=redis_url,
        server=server,
        simulator=simulator,
        replay=replay,
        with_flower=with_flower,
        with_web=with_web,
        key_is_filed=settings_origin()["MASSIVE_API_KEY"] == ".env",
    )


def _supervisor(plan: Plan) -> Supervisor:
    console = Console(stderr=True)
    if not console.is_terminal:
        console.width = _PLAIN_WIDTH
    clock, shared = SystemClock(), Settings.load(given=plan.resolved())
    view = UpView(console, clock, plan, StatusReader(shared, clock_of(shared.replay_clock)))
    processes = SystemProcesses(plan.settings.state_dir / "logs")
    supervisor = Supervisor(parts_of(plan), processes, clock, view.changed, view.each_turn)
    view.watch(supervisor)
    return supervisor


def _tell(failure: Failure) -> None:
    for line in failure.last_words:
        click.echo(f"  {failure.part} | {line}", err=True)
    raise SupervisorError(failure.part, f"{failure.detail}, for good; its log: {failure.log}")
