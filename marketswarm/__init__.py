"""MarketSwarm: one coherent, always fresh picture of option chains, in Redis.

The data's way: massive (the vendor, or the simulator on the same wire) → chain (snapshot, stream, atomic diff) and spot
(the heartbeat that sets the tempo) → outlets (what people and programs look at).
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from celery import Celery

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Give `celery -A marketswarm` its app, without making every import of the package pay for Celery."""
    if name != "celery":
        raise AttributeError(name)
    return _celery_app()


def _celery_app() -> "Celery":
    from marketswarm.app import app_or_exit  # noqa: PLC0415

    return app_or_exit()
