"""The swarm of this process: made of its settings once, and of new ones when the vendor refuses the key."""

from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

import structlog

from marketswarm.announcement import read_announcement
from marketswarm.settings import Settings
from marketswarm.thresholds_joint import check_thresholds
from marketswarm.wiring import Swarm

if TYPE_CHECKING:
    from marketswarm.vexy.speak import Speaker

log = structlog.get_logger("marketswarm.wiring")

_MAKING = Lock()

_VENDOR_SETTINGS = ("massive_api_key", "massive_rest_url", "massive_ws_url", "massive_ws_delayed_url")


def load_settings() -> Settings:
    """The settings, with what a running `up` announced where nothing else is set.

    Raises:
        SettingsError: for a value that cannot be used, also in the file of thresholds that they name.
    """
    settings = Settings.load()
    announced = read_announcement(settings.state_dir)
    return check_thresholds(Settings.load(announced) if announced else settings)


def swarm() -> Swarm:
    """The process's own swarm: another one when the key was refused and the settings name a new one."""
    made = _swarm()
    if made.is_key_refused:
        renew_swarm(made)
    return _swarm()


def is_own(known: Swarm) -> bool:
    """Whether that is still the process's own swarm."""
    return _swarm() is known


def speaker() -> "Speaker":
    """What speaks of this process's symbols."""
    from marketswarm.vexy_joint import speaker_of  # noqa: PLC0415  words are for those who speak

    own = swarm()
    return speaker_of(own.settings, own.redis, own.clock, own.address, own.calendar)


def renew_swarm(known: Swarm) -> bool:
    """Whether there is another swarm than this one: already, or now, since the settings name another key or address of the vendor.

    Raises:
        SettingsError: when they cannot be used any more.
    """
    with _MAKING:
        if _made() is not known:
            return True
        found = load_settings()
        if all(getattr(known.settings, name) == getattr(found, name) for name in _VENDOR_SETTINGS):
            return False
        _made.cache_clear()
    log.info("settings changed, asking the vendor again")
    return True


def _swarm() -> Swarm:
    """A worker's threads begin at the same moment; two swarms would not know of each other."""
    with _MAKING:
        return _made()


@cache
def _made() -> Swarm:
    return Swarm(load_settings())
