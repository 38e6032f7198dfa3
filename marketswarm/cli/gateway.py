"""`marketswarm gateway`: REST, the event stream and the page, over HTTP."""

import signal
from pathlib import Path
from types import FrameType
from typing import Any

import rich_click as click

from marketswarm import __version__
from marketswarm.addresses import web_address
from marketswarm.cli.swarm_reading import read_swarm
from marketswarm.gateway_joint import make_desk
from marketswarm.logs import configure_logs
from marketswarm.outlets.gateway.desk import PAGE, Desk
from marketswarm.outlets.gateway.listening import listen, make_server
from marketswarm.outlets.gateway.serving import GatewayServer
from marketswarm.outlets.status import attending
from marketswarm.own_swarm import load_settings
from marketswarm.settings import Settings
from marketswarm.wiring import Swarm


@click.command()
@click.option("--host", metavar="HOST", help="Instead of MARKETSWARM_HTTP_HOST.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    metavar="PORT",
    help="Instead of MARKETSWARM_HTTP_PORT; 0 takes a free one.",
)
def gateway(host: str | None, port: int | None) -> None:
    """Serve the page, the API and the event stream, until Ctrl-C.

    Anything but loopback needs MARKETSWARM_API_TOKEN. Without a store the gateway runs and answers 503 until there is one.
    """
    settings = _settings(host, port)
    configure_logs(settings.log_level)
    listening = listen(settings.http_host, settings.http_port if port is None else port)
    click.echo(web_address(*listening.getsockname()[:2]))
    server = make_server(desk_of(Swarm(settings)))
    _end_well(server)
    server.run(sockets=[listening])


def _end_well(server: GatewayServer) -> None:
    """A signal is the way to end, not a failure: uvicorn would raise it once more behind its own end, and die of it."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


def _settings(host: str | None, port: int | None) -> Settings:
    chosen = {"http_host": host, "http_port": port or None}
    given = {name: value for name, value in chosen.items() if value is not None}
    settings = load_settings().model_copy(update=given)
    settings.check_together()
    return settings


def desk_of(swarm: Swarm, page: Path = PAGE) -> Desk:
    """All that the gateway is given, of that swarm and that folder of files."""
    return make_desk(
        swarm.settings,
        swarm.redis,
        swarm.clock,
        swarm.address,
        in_session=swarm.in_session,
        report_of=lambda symbol: attending(swarm.reports.read(symbol), swarm.clock.now_ms()),
        read_swarm=lambda: read_swarm(swarm),
        app=_celery_app,
        page=page,
        version=__version__,
    )


def _celery_app() -> Any:
    from marketswarm.app import app  # noqa: PLC0415  only who sends a reload pays for importing Celery

    return app
