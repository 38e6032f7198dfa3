"""`session.json`: what a recording is of, written when it begins and completed when it ends."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from marketswarm.errors import RecordingError

FILE: Final = "session.json"
FORMAT: Final = "marketswarm-recording"
VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Session:
    """One recording.

    Attributes:
        id: told to the processes that record, so that none takes another folder for it.
        source: what the recorded data was marked as.
        settings: variable → value of the settings that a replay must share.
        begun_ms: when it was asked for.
        software: version of the program that recorded it.
        summary: what it came to; empty when whoever asked for it was killed.
    """

    id: str
    symbols: tuple[str, ...]
    source: str
    settings: Mapping[str, str]
    begun_ms: int
    software: str
    summary: Mapping[str, Any] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write it, whole or not at all.

        Raises:
            OSError: the folder cannot be written.
        """
        new = folder / f"{FILE}.new"
        new.write_text(json.dumps({"format": FORMAT, "version": VERSION, **asdict(self)}, indent=1) + "\n")
        new.replace(folder / FILE)


def read_session(folder: Path) -> Session:
    """The session of a recording.

    Raises:
        RecordingError: for a folder that holds none, or one that this program cannot read.
    """
    told = _read_json(folder)
    if told.get("format") != FORMAT:
        raise RecordingError(str(folder), f"is none: its {FILE} is of another program")
    if told.get("version") != VERSION:
        detail = f"has version {told.get('version')} of the format; this program reads version {VERSION}"
        raise RecordingError(str(folder), detail)
    try:
        return Session(
            id=str(told["id"]),
            symbols=tuple(map(str, told["symbols"])),
            source=str(told["source"]),
            settings={str(name): str(value) for name, value in told["settings"].items()},
            begun_ms=int(told["begun_ms"]),
            software=str(told["software"]),
            summary=dict(told["summary"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RecordingError(str(folder), f"its {FILE} lacks or misstates {error}") from error


def _read_json(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise RecordingError(str(folder), "there is no such folder")
    try:
        told = json.loads((folder / FILE).read_text())
    except FileNotFoundError:
        raise RecordingError(str(folder), f"is none: the folder holds no {FILE}") from None
    except (OSError, ValueError) as error:
        raise RecordingError(str(folder), f"its {FILE} cannot be read ({error})") from error
    if not isinstance(told, dict):
        raise RecordingError(str(folder), f"is none: its {FILE} is of another program")
    return told
