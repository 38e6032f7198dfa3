"""Thresholds of all detectors, from defaults and from a file."""

from types import SimpleNamespace

import pytest
from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field, model_validator

from marketswarm.errors import BadArgument
from marketswarm.vigil.sighting import Detector
from marketswarm.vigil.thresholds import default_thresholds, read_thresholds


class DriftThresholds(BaseModel):
    """Of the one detector."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enter: float = Field(1.0, gt=0, le=10, description="where it begins")
    leave: float = Field(0.5, gt=0, description="where it ends")

    @model_validator(mode="after")
    def _bands(self):
        if self.leave > self.enter:
            raise ValueError(f"leave is {self.leave}; at most enter, {self.enter}")
        return self


class JumpThresholds(BaseModel):
    """Of the other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ticks: int = Field(3, ge=1, description="least size")


def file_of(name, thresholds):
    """What a file of `detectors/` offers."""
    return SimpleNamespace(
        DETECTOR=Detector(name, 1, "by hand", Struct, lambda memory, _moment: (memory, ())),
        Thresholds=thresholds,
    )


FILES = (file_of("drift", DriftThresholds), file_of("jump", JumpThresholds))


@pytest.fixture
def read(tmp_path):
    """Thresholds of a text."""

    def read_text(text):
        path = tmp_path / "mine.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_thresholds(path, FILES)

    return read_text


def test_defaults():
    """Without a file each detector has its defaults; none of them, none."""
    assert default_thresholds(FILES) == {"drift": DriftThresholds(), "jump": JumpThresholds()}
    assert default_thresholds(()) == {}


def test_a_file_replaces_what_it_names(read):
    """What a file leaves out keeps its default."""
    assert read("") == default_thresholds(FILES)
    assert read("[drift]\nenter = 2\n") == {"drift": DriftThresholds(enter=2.0), "jump": JumpThresholds()}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[drift]\nenter = -3", "mine.toml: drift.enter is -3; allowed: greater than 0"),
        ("[drift]\nenter = 11", "mine.toml: drift.enter is 11; allowed: less than or equal to 10"),
        ("[jump]\nticks = 'few'", "mine.toml: jump.ticks is 'few'; allowed: a valid integer"),
        ("[drift]\nleave = 3", "leave is 3.0; at most enter, 1.0"),
        ("[drift]\nentre = 1", "mine.toml: the threshold is 'drift.entre'; allowed: one of enter, leave"),
        ("[drfit]\nenter = 1", "mine.toml: the detector is 'drfit'; allowed: one of drift, jump"),
        ("enter = 1", "mine.toml: the detector is 'enter'; allowed: one of drift, jump"),
        ("drift = 1", "mine.toml: drift is 1; allowed: a table"),
        ("[drift", "a TOML file"),
        (b"\xff", "a TOML file in UTF-8"),
    ],
)
def test_what_cannot_be_used(read, text, line):
    """An error names file, field, value and what is allowed."""
    with pytest.raises(BadArgument) as caught:
        read(text)
    assert line in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    """An error names the file."""
    with pytest.raises(BadArgument, match=r"nothing\.toml.*can be read"):
        read_thresholds(tmp_path / "nothing.toml", FILES)
