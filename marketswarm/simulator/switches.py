"""Questions about the vendor that nobody has confirmed, each with the answer that the simulator gives. Pure.

Every field is one question; `docs/simulator.md` says what each answer means. An answer is given as text, so that one
repeatable option of the command line reaches them all.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from marketswarm.errors import BadArgument


def _one_of(*answers: str) -> Any:
    """A question with a few answers, the usual one first."""
    return field(default=answers[0], metadata={"answers": answers})


def _number(default: float, low: float, high: float) -> Any:
    """A question whose answer is a number; a whole one where the default is whole."""
    return field(default=default, metadata={"low": low, "high": high})


def _words(default: str) -> Any:
    """A question of wording."""
    return field(default=default, metadata={"longest": 200})


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """How the simulator answers what is not confirmed. Times in ms unless the name says otherwise."""

    # REST
    expiry_clock: str = _one_of("exchange", "massive")
    unknown_underlying: str = _one_of("empty", "missing")
    bare_index: str = _one_of("unknown", "accepted")
    refusal_status: str = _one_of("403", "200")
    retry_after: str = _one_of("absent", "seconds")
    expired_stay_minutes: int = _number(0, 0, 1440)
    page_rows: int = _number(50_000, 1, 50_000)
    index_cfi: str = _one_of("index", "equity")
    index_exchange: str = _words("BATO")
    deep_delta: float = _number(0.99, 0.5, 1.0)
    unsolved_today: float = _number(0.05, 0.0, 1.0)
    # WebSocket
    quote_excess: str = _one_of("error", "silent", "close")
    quote_wildcard: str = _one_of("confirmed", "refused")
    delayed_quotes: str = _one_of("refused", "given")
    bad_message: str = _one_of("error", "silent")
    value_every_ms: int = _number(1000, 25, 60_000)
    slow_consumer_text: str = _words("Data was not read fast enough, the connection will be closed")
    slow_consumer_code: int = _number(1008, 1000, 4999)
    auth_timeout_text: str = _words("authentication timed out")
    auth_timeout_code: int = _number(1008, 1000, 4999)
    auth_required_text: str = _words("authentication required")

    def __post_init__(self) -> None:
        """Refuse an answer that is not among the allowed ones.

        Raises:
            BadArgument: naming the switch, the value and what is allowed.
        """
        for each in fields(self):
            if not _fits(getattr(self, each.name), each.metadata):
                raise BadArgument(
                    f"switch {_spelt(each.name)}", getattr(self, each.name), _allowed(each.metadata)
                )


def read_switches(settings: Iterable[str]) -> Switches:
    """Switches from texts `NAME=VALUE`; the last one of a name counts.

    Raises:
        BadArgument: for an unknown name or an answer that is not allowed, listing what is.
    """
    known, chosen = {_spelt(each.name): each for each in fields(Switches)}, dict[str, Any]()
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals or name not in known:
            raise BadArgument("switch", setting, f"NAME=VALUE with a name of {', '.join(known)}")
        chosen[known[name].name] = _read(name, text, known[name].default, known[name].metadata)
    return Switches(**chosen)


def _read(name: str, text: str, default: Any, metadata: Any) -> Any:
    if isinstance(default, str):
        return text
    try:
        return type(default)(text)
    except ValueError:
        raise BadArgument(f"switch {name}", text, _allowed(metadata)) from None


def _fits(value: Any, metadata: Any) -> bool:
    if "answers" in metadata:
        return bool(value in metadata["answers"])
    if "longest" in metadata:
        return value.isprintable() and bool(0 < len(value) <= metadata["longest"])
    return bool(metadata["low"] <= value <= metadata["high"])


def _allowed(metadata: Any) -> str:
    if "answers" in metadata:
        return ", ".join(metadata["answers"])
    if "longest" in metadata:
        return f"1 to {metadata['longest']} characters"
    return f"{metadata['low']} to {metadata['high']}"


def _spelt(name: str) -> str:
    return name.replace("_", "-")
