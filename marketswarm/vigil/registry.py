"""All detectors, in the order in which they are asked and in which their events of one tick are told. Pure."""

from typing import Protocol

from pydantic import BaseModel

from marketswarm.vigil.detectors import (
    burst,
    clusters,
    drift,
    expected_move,
    flip,
    jump,
    jump_risk,
    key_strike,
    pin,
    quality,
    regime,
    roll,
    smile,
    walls,
)
from marketswarm.vigil.sighting import Detector


class DetectorFile(Protocol):
    """What each file of `detectors/` offers."""

    @property
    def DETECTOR(self) -> Detector:  # noqa: N802
        """The detector."""
        ...

    @property
    def Thresholds(self) -> type[BaseModel]:  # noqa: N802
        """Its thresholds, each with a default."""
        ...


FILES: tuple[DetectorFile, ...] = (
    jump,
    burst,
    drift,
    key_strike,
    flip,
    pin,
    expected_move,
    regime,
    walls,
    clusters,
    smile,
    jump_risk,
    roll,
    quality,
)

DETECTORS: tuple[Detector, ...] = tuple(file.DETECTOR for file in FILES)
