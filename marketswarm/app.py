"""The Celery app, found by `celery -A marketswarm`.

It registers what is ours: the option `--streams` and the step behind it, the commands that reach the stream, the log format,
and Flower's refresh page. What it runs and when is `celeryconfig.py`.
"""

import os
import sys
from typing import Any

import click
import structlog
from celery import Celery
from celery.signals import setup_logging, task_failure

from marketswarm.bootstep import RecordingStep, StreamStep
from marketswarm.errors import MarketSwarmError
from marketswarm.logs import configure_logs
from marketswarm.outlets.flower_page import install_refresh_page, running_flower
from marketswarm.own_swarm import swarm
from marketswarm.settings import Settings
from marketswarm.supervisor.flower_env import flower_env
from marketswarm.supervisor.preflight import check_port

log = structlog.get_logger("marketswarm.tasks")

app = Celery("marketswarm")
app.config_from_object("celeryconfig")
app.Task.throws = (MarketSwarmError,)  # these need no traceback: see `_tell_failure`
app.user_options["worker"].add(
    click.Option(("--streams",), is_flag=True, help="Run the live streams in this worker, beside its tasks.")
)
app.steps["worker"].add(StreamStep)
app.steps["worker"].add(RecordingStep)


@setup_logging.connect
def _log_as_we_do(loglevel: int | str | None = None, **_: Any) -> None:
    configure_logs(loglevel)


@task_failure.connect
def _tell_failure(
    sender: Any = None, task_id: str = "", exception: BaseException | None = None, **_: Any
) -> None:
    """One line for an error of ours; of all others Celery tells more."""
    if isinstance(exception, MarketSwarmError):
        kind = type(exception).__name__
        log.warning("task failed", task=sender.name, task_id=task_id, error=kind, detail=str(exception))


def _check_flower_port(settings: Settings) -> None:
    """Flower itself would end with a traceback; where it is told another port, or only asked for help, it is left alone."""
    told_otherwise = any(word.startswith(("--port", "--help", "--unix_socket")) for word in sys.argv)
    if not told_otherwise and "FLOWER_PORT" not in os.environ:
        check_port("flower", settings.flower_port, "MARKETSWARM_FLOWER_PORT")


def app_or_exit() -> Celery:
    """The app; a wrong setting ends the program with its one line, as no traceback would help."""
    try:
        app.finalize()
        _ = app.conf.broker_url
        if running_flower():
            _check_flower_port(swarm().settings)
            install_refresh_page(swarm().flights.recent, swarm().settings.symbols)
            for name, value in flower_env(swarm().settings).items():
                os.environ.setdefault(name, value)
    except MarketSwarmError as error:
        sys.exit(f"marketswarm: {error}")
    return app
