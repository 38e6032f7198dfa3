"""Joins the gateway to store and Celery; apart from `wiring.py`, so that only the gateway imports a web framework."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from celery.result import denied_join_result
from kombu.exceptions import OperationalError
from redis.client import Redis
from redis.exceptions import RedisError

from marketswarm.clock import Clock
from marketswarm.errors import StoreUnavailable
from marketswarm.outlets.flower_page.progress import progress_view
from marketswarm.outlets.gateway.access import AccessRules
from marketswarm.outlets.gateway.desk import PAGE, Desk
from marketswarm.outlets.gateway.event_stream import EventStream, new_run
from marketswarm.outlets.gateway.stored import GatewayStore
from marketswarm.outlets.levels import StoredLevels
from marketswarm.outlets.status import SwarmReading
from marketswarm.servers import connect_async
from marketswarm.settings import Settings, masked_url

_EXPIRES_S = 600.0  # a reload that no worker has taken by then is not wanted any more


class CeleryReloads:
    """Reloads through a Celery app.

    Args:
        app: gives the app. Asked when the first reload is, so that a gateway that only shows things never imports Celery.
    """

    def __init__(self, app: Callable[[], Any]) -> None:
        self._app = app
        self._turn = threading.Lock()

    def send(self, order: Mapping[str, Any]) -> str:
        """Send one `chain.reload` with those arguments; its task's id."""
        app = self._app()
        # Celery would listen for the result: on a connection that nobody reads here, and that it tries for twenty seconds to
        # have. It does not where results are not waited for; that is said to the whole process, so by one at a time.
        with self._turn, _reachable(app), denied_join_result():
            sent = app.send_task("chain.reload", kwargs=dict(order), expires=_EXPIRES_S, retry=False)
            return str(sent.id)

    def look(self, task_id: str) -> Mapping[str, Any]:
        """State and progress of a task."""
        app = self._app()
        with _reachable(app):
            return progress_view(task_id, app.backend.get_task_meta(task_id))


def make_desk(
    settings: Settings,
    redis: Redis,
    clock: Clock,
    address: str,
    *,
    in_session: Callable[[int], bool],
    report_of: Callable[[str], Mapping[str, Any]],
    read_swarm: Callable[[], SwarmReading],
    app: Callable[[], Any],
    page: Path = PAGE,
    version: str,
) -> Desk:
    """The gateway's surroundings.

    Args:
        settings: where it listens, and the token.
        redis: the store, for calls in threads.
        clock: what time it is.
        address: the store as it may be shown.
        in_session: whether the market is open then.
        report_of: what the stream says of a symbol.
        read_swarm: one look at everything.
        app: gives the Celery app.
        page: the folder of the page's files.
        version: ours, as it is shown.
    """
    return Desk(
        symbols=settings.symbols,
        clock=clock,
        rules=rules_of(settings),
        store=GatewayStore(redis, address, new_run()),
        levels=StoredLevels(redis, address),
        live=EventStream(
            connect_async(settings.store_url.get_secret_value()), address, settings.symbols, clock
        ),
        reloads=CeleryReloads(app),
        in_session=in_session,
        report_of=report_of,
        read_swarm=read_swarm,
        page=page,
        version=version,
    )


def rules_of(settings: Settings) -> AccessRules:
    """Who may ask what, by the settings."""
    token = settings.api_token
    names = frozenset({socket.gethostname().lower(), socket.getfqdn().lower()})
    return AccessRules(settings.http_host, names, None if token is None else token.get_secret_value())


@contextmanager
def _reachable(app: Any) -> Iterator[None]:
    try:
        yield
    except (OperationalError, RedisError, OSError) as error:
        raise StoreUnavailable(masked_url(app.conf.broker_url), str(error)) from error
