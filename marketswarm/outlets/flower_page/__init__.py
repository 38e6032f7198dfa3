"""A page inside Flower, `/refresh`, that starts loads and reloads and shows how far they are.

Flower shows tasks but has no form that starts one. Its list of handlers and its Tornado settings are ordinary module
values, so the page is added from here, before Flower builds its application, and nothing in its package is touched.
"""

import sys
from collections.abc import Sequence

from marketswarm.outlets.flower_page.command_line import command_of
from marketswarm.outlets.flower_page.desk import ReadRefreshes, RefreshDesk

__all__ = ["ReadRefreshes", "install_refresh_page", "running_flower"]


def running_flower() -> bool:
    """Whether this process is `celery … flower`, rather than another command that merely loaded Flower's plug-in."""
    return "flower.command" in sys.modules and command_of(sys.argv[1:]) == "flower"


def install_refresh_page(read_refreshes: ReadRefreshes, symbols: Sequence[str] | None = None) -> None:
    """Add the page to the Flower of this process. A second call changes nothing.

    Args:
        read_refreshes: gives the last n entries of the refresh log, newest first. Called from Flower's threads.
        symbols: what can be picked; None for those of the settings, or of a running `up`.

    Raises:
        SettingsError: when the settings are read and cannot be used.
    """
    # Flower and the settings are imported by the one command that needs them, not by every worker.
    from marketswarm.outlets.flower_page.routes import install  # noqa: PLC0415

    install(RefreshDesk(_configured_symbols() if symbols is None else tuple(symbols), read_refreshes))


def _configured_symbols() -> tuple[str, ...]:
    from marketswarm.announcement import read_announcement  # noqa: PLC0415
    from marketswarm.settings import Settings  # noqa: PLC0415

    announced = read_announcement(Settings.load().state_dir)
    return Settings.load(announced).symbols
