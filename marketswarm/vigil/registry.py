"""All detectors, in the order in which they are asked and in which their events of one tick are told. Pure."""

from typing import Protocol

from pydantic import BaseModel

from marketswarm.vigil.detectors import clusters, jump_risk, quality, regime, roll, smile, walls
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


FILES: tuple[DetectorFile, ...] = (roll, quality, regime, walls, clusters, smile, jump_risk)

DETECTORS: tuple[Detector, ...] = tuple(file.DETECTOR for file in FILES)
