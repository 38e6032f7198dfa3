"""The detectors that there are."""

from pathlib import Path

from marketswarm.vigil import detectors
from marketswarm.vigil.registry import DETECTORS, FILES
from marketswarm.vigil.thresholds import default_thresholds


def test_every_detector_is_asked():
    """Each file of `detectors/` stands in the registry once, under its own name."""
    written = {path.stem for path in Path(detectors.__file__).parent.glob("[a-z]*.py")}
    names = [detector.name for detector in DETECTORS]
    assert sorted(names) == sorted(written)


def test_a_detector_is_whole():
    """Each has thresholds with defaults, a memory that begins empty, and words for its method."""
    assert list(default_thresholds()) == [detector.name for detector in DETECTORS]
    for file in FILES:
        file.DETECTOR.memory()
        assert file.DETECTOR.method
        assert all(field.description for field in file.Thresholds.model_fields.values())
