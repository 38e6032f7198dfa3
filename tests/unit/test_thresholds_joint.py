"""Thresholds by a setting: read at start, and refused in the settings' words."""

import pytest

from marketswarm.errors import SettingsError
from marketswarm.settings import Settings
from marketswarm.thresholds_joint import check_thresholds, thresholds_of
from marketswarm.vigil.thresholds import default_thresholds


@pytest.fixture
def named(tmp_path):
    """Settings that name a file with that text; none without one."""

    def named(text=None):
        path = tmp_path / "mine.toml"
        if text is not None:
            path.write_text(text)
        return Settings.model_validate({"MARKETSWARM_VIGIL_THRESHOLDS": str(path)})

    return named


def test_without_a_file_the_detectors_defaults_hold():
    """Nothing is read."""
    settings = Settings.model_validate({})
    assert thresholds_of(settings) == default_thresholds()
    assert check_thresholds(settings) is settings


def test_a_file_takes_the_place_of_some(named):
    """What it leaves out keeps its default."""
    found = thresholds_of(named("[quality]\ndwell = 7\n"))
    assert found["quality"].dwell == 7
    assert {**found, "quality": None} == {**default_thresholds(), "quality": None}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "allowed: a file that can be read (No such file or directory)"),
        ("[quality", "allowed: a TOML file in UTF-8 ("),
        ("[qualty]\n", "allowed: a file in which the detector is one of burst, clusters, "),
        ("[quality]\ndwel = 3\n", "allowed: a file in which the threshold is one of cooldown_s, dwell, "),
        ("[quality]\ndwell = 0\n", "allowed: a file in which quality.dwell is greater than or equal to 1, and not 0"),
    ],
    ids=["no file", "no TOML", "no such detector", "no such threshold", "out of bounds"],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_one_line(named, text, said):
    """It names the variable, the file, and what in it is wrong."""
    settings = named(text)
    with pytest.raises(SettingsError) as caught:
        check_thresholds(settings)
    line = str(caught.value)
    assert line.startswith(f"MARKETSWARM_VIGIL_THRESHOLDS is '{settings.vigil_thresholds}'; {said}")
    assert "\n" not in line
