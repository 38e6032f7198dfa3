"""Flower's options: its password is made once and kept, and nobody else can read it."""

import stat
from pathlib import Path

import pytest
from flower.options import options

from marketswarm.errors import SettingsError
from marketswarm.settings import Settings
from marketswarm.supervisor.flower_env import flower_env, password_file


def settings(state_dir: Path, **given: str) -> Settings:
    """Settings on this state directory."""
    return Settings.load(given={"MARKETSWARM_STATE_DIR": str(state_dir), **given})


def test_the_password_is_made_once(tmp_path: Path) -> None:
    """The first run makes a password, the second one uses it, and only the owner may read it."""
    here = settings(tmp_path / "state")
    first = flower_env(here)
    assert stat.S_IMODE(password_file(here).stat().st_mode) == 0o600
    second = flower_env(here)
    user, _, password = first["FLOWER_BASIC_AUTH"].partition(":")
    assert first == second
    assert user == "marketswarm"
    assert len(password) >= 20
    assert password_file(here).read_text().strip() == password


def test_two_directories_have_two_passwords(tmp_path: Path) -> None:
    """Each state directory has a password of its own."""
    passwords = {flower_env(settings(tmp_path / name))["FLOWER_BASIC_AUTH"] for name in ("one", "two")}
    assert len(passwords) == 2


def test_an_empty_or_open_file_is_mended(tmp_path: Path) -> None:
    """An empty password file is filled, and one that others could read is closed to them."""
    here = settings(tmp_path)
    password_file(here).touch(0o644)
    assert len(flower_env(here)["FLOWER_BASIC_AUTH"]) > 30
    assert stat.S_IMODE(password_file(here).stat().st_mode) == 0o600


def test_a_password_of_ones_own_is_used_and_not_kept(tmp_path: Path) -> None:
    """A password from the settings goes to Flower, and to no file."""
    here = settings(tmp_path, MARKETSWARM_FLOWER_PASSWORD="my own, no")
    with pytest.raises(SettingsError, match="without a comma") as refused:
        flower_env(here)
    assert "my own" not in str(refused.value)
    here = settings(tmp_path, MARKETSWARM_FLOWER_PASSWORD="my own")
    assert flower_env(here)["FLOWER_BASIC_AUTH"] == "marketswarm:my own"
    assert not password_file(here).exists()


def test_flower_knows_every_option(tmp_path: Path) -> None:
    """Each variable is the name of an option that Flower has; it stays on loopback and keeps its history."""
    env = flower_env(settings(tmp_path, MARKETSWARM_FLOWER_PORT="5999"))
    known = set(options.as_dict())
    assert {name.removeprefix("FLOWER_").lower() for name in env} <= known
    assert (env["FLOWER_ADDRESS"], env["FLOWER_PORT"]) == ("127.0.0.1", "5999")
    assert Path(env["FLOWER_DB"]).parent == tmp_path


def test_a_folder_that_cannot_be_made_is_a_wrong_setting(tmp_path: Path) -> None:
    """Where the password cannot be kept, the error names the variable of the state directory."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="MARKETSWARM_STATE_DIR"):
        flower_env(settings(tmp_path / "file" / "state"))
