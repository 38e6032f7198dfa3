"""Joins Vigil's thresholds to the settings: the file that they name is read at start, so that a wrong one is told at once."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from marketswarm.errors import BadArgument, SettingsError
from marketswarm.settings import Settings

if TYPE_CHECKING:
    from pydantic import BaseModel


def thresholds_of(settings: Settings) -> "Mapping[str, BaseModel]":
    """Detector → its thresholds: those of the file that the settings name, else the defaults.

    Raises:
        SettingsError: when the file cannot be read, or something in it cannot be used.
    """
    from marketswarm.vigil.thresholds import default_thresholds, read_thresholds  # noqa: PLC0415  numpy is for those that judge

    if settings.vigil_thresholds is None:
        return default_thresholds()
    try:
        return read_thresholds(settings.vigil_thresholds)
    except BadArgument as error:
        variable, path = str(Settings.model_fields["vigil_thresholds"].alias), str(settings.vigil_thresholds)
        raise SettingsError(variable, path, _allowed(error, path)) from None


def check_thresholds(settings: Settings) -> Settings:
    """The same settings, if the file of thresholds that they name can be used.

    Raises:
        SettingsError: as `thresholds_of`.
    """
    if settings.vigil_thresholds is not None:
        thresholds_of(settings)
    return settings


def _allowed(error: BadArgument, path: str) -> str:
    """What the file should be; what within it is wrong is named, too."""
    name, value, allowed = error.args
    if not name.startswith(f"{path}: "):
        return str(allowed)
    return f"a file in which {name.removeprefix(f'{path}: ')} is {allowed}, and not {value!r}"
