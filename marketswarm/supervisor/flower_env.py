"""Flower's options as environment variables. The password travels this way only: a command line is for all to read."""

import os
import secrets
from pathlib import Path
from typing import Final

from marketswarm.announcement import usable_state_dir
from marketswarm.errors import SettingsError
from marketswarm.settings import Settings

USER: Final = "marketswarm"
_MAX_TASKS: Final = 5_000  # Flower's own default keeps 100,000 in memory
_PURGE_OFFLINE_S: Final = 60


def flower_env(settings: Settings) -> dict[str, str]:
    """Variable → value for `celery -A marketswarm flower`; makes the password if there is none yet.

    Raises:
        SettingsError: for a password that Flower cannot be given, or a state directory that cannot be written.
    """
    with usable_state_dir(settings.state_dir):
        settings.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        password = _password(settings)
    return {
        "FLOWER_ADDRESS": "127.0.0.1",
        "FLOWER_PORT": str(settings.flower_port),
        "FLOWER_BASIC_AUTH": f"{USER}:{password}",
        "FLOWER_PERSISTENT": "true",
        "FLOWER_DB": str(settings.state_dir / "flower"),
        "FLOWER_MAX_TASKS": str(_MAX_TASKS),
        "FLOWER_PURGE_OFFLINE_WORKERS": str(_PURGE_OFFLINE_S),
    }


def password_file(settings: Settings) -> Path:
    """Where a password that was made here is kept, readable by its owner only."""
    return settings.state_dir / "flower-password"


def _password(settings: Settings) -> str:
    if settings.flower_password is None:
        return _kept_password(password_file(settings))
    password = settings.flower_password.get_secret_value()
    if "," in password:  # Flower splits the variable there, and would take a part for the whole
        raise SettingsError("MARKETSWARM_FLOWER_PASSWORD", "********", "a password without a comma")
    return password


def _kept_password(file: Path) -> str:
    try:
        made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        file.chmod(0o600)
        kept = file.read_text().strip()
        if kept:
            return kept
        made = os.open(file, os.O_WRONLY | os.O_CLOEXEC)
    password = secrets.token_urlsafe(18)
    with os.fdopen(made, "w") as stream:
        stream.write(password + "\n")
    return password
