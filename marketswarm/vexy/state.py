"""What Vexy knows between two times that she speaks: one JSON text of all symbols. Pure."""

from typing import Any, Final

from msgspec import DecodeError, Struct, json

from marketswarm.model.message import Annotation
from marketswarm.vexy.budget import Budget
from marketswarm.vexy.context import RECENT_MOST, Wording
from marketswarm.vexy.quality import Silence
from marketswarm.vexy.session_so_far import SessionSoFar

STATE_VERSION: Final = 1
BEGINNING: Final = "0-0"
MOST_EPISODES: Final = 300
"""Of what was told and may still end: far above what lasts at a time."""

_MOST_PHASES: Final = 40  # of a symbol: more than two sessions have


class Counts(Struct, frozen=True, omit_defaults=True):
    """What became of all events so far.

    Attributes:
        heard: read and dealt with. `told`: in messages. `kept_back`: left to a digest.
        unusable: entries that hold no event; `vexy:unusable` has the last of them.
        passed_over: too old to be told when they were heard.
        lost: how often entries were trimmed before they were heard.
    """

    heard: int = 0
    told: int = 0
    kept_back: int = 0
    unusable: int = 0
    passed_over: int = 0
    lost: int = 0


class VexyState(Struct, frozen=True):
    """All of it.

    Attributes:
        heard: id of the last entry of `vigil:events` that was dealt with. `ticked`: the same of `sse:timeseries`.
        sessions: symbol → what its spots have done.
        budgets: symbol → what was said of it.
        episodes: episode of Vigil → id of the message that told of it last; the newest ones.
        silences: symbol → why nothing is said of it.
        phases: symbol → the phases whose messages are told, as `<day>/<epoch>`, oldest first.
        carried: symbol → marks that changed without a message, as JSON by id: the symbol's next message brings them along.
        recent: words of the last messages.
        begun_anew: why there was no usable state before this one.
    """

    version: int = STATE_VERSION
    heard: str = BEGINNING
    ticked: str = ""
    sessions: dict[str, SessionSoFar] = {}
    budgets: dict[str, Budget] = {}
    episodes: dict[str, str] = {}
    silences: dict[str, Silence] = {}
    phases: dict[str, tuple[str, ...]] = {}
    carried: dict[str, dict[str, str]] = {}
    recent: tuple[Wording, ...] = ()
    counts: Counts = Counts()
    begun_anew: str = ""


class _Head(Struct):
    version: int


def encode(state: VexyState) -> bytes:
    """The state as JSON."""
    return json.encode(state)


def decode(text: bytes) -> tuple[VexyState | None, str]:
    """The stored state; None where it cannot be used, and why."""
    try:
        head = json.decode(text, type=_Head)
        if head.version != STATE_VERSION:
            return None, f"state of version {head.version}, not {STATE_VERSION}: begun anew"
        return json.decode(text, type=VexyState), ""
    except (DecodeError, UnicodeDecodeError):
        return None, "state cannot be read: begun anew"


def with_recent(recent: tuple[Wording, ...], wording: Wording) -> tuple[Wording, ...]:
    """The words of the last messages after one more."""
    return (*recent, wording)[-RECENT_MOST:]


def with_phase(told: tuple[str, ...], phase: str) -> tuple[str, ...]:
    """The phases that are told after one more."""
    return (*told, phase)[-_MOST_PHASES:]


def with_episode(episodes: dict[str, str], episode: str, message_id: str) -> dict[str, str]:
    """What was told after one more, which is the newest."""
    kept = {name: one for name, one in episodes.items() if name != episode} | {episode: message_id}
    over = len(kept) - MOST_EPISODES
    return dict(list(kept.items())[over:]) if over > 0 else kept


def carried_marks(carried: dict[str, str]) -> dict[str, Annotation]:
    """The marks that wait for a message; one that cannot be read is left out."""
    found: dict[str, Annotation] = {}
    for name, text in carried.items():
        try:
            found[name] = Annotation.model_validate_json(text)
        except ValueError:
            continue
    return found


def plain(state: VexyState) -> dict[str, Any]:
    """The counts as plain values, for a report."""
    return {name: getattr(state.counts, name) for name in Counts.__struct_fields__}
