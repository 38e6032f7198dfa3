"""What an HTTP answer of the vendor means: its envelope, or the error that it stands for. Pure."""

from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

import msgspec

from marketswarm.errors import (
    KeyRefused,
    NotEntitled,
    NotFound,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    RequestRefused,
    WireError,
)
from marketswarm.massive.decode import UNUSABLE
from marketswarm.massive.secret import hide
from marketswarm.massive.wire import Envelope, Refusal

_ENVELOPE = msgspec.json.Decoder(Envelope)
_REFUSAL = msgspec.json.Decoder(Refusal)

_SHOWN = 200  # characters of the vendor's words in an error
_READ = 4096  # bytes looked at for them, so that a secret is hidden whole before the text is cut
_SUCCESSFUL = {"OK": False, "DELAYED": True}
_REFUSED_IN_A_200: dict[str, type[ProviderError]] = {
    "NOT_AUTHORIZED": NotEntitled,
    "NOT_FOUND": NotFound,
    "ERROR": RequestRefused,
}
_REFUSED: dict[int, type[ProviderError]] = {401: KeyRefused, 403: NotEntitled, 404: NotFound}


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer as it came. `retry_after` is the header's text, if there was one."""

    status: int
    body: bytes
    retry_after: str | None = None


def read_answer(what: str, answer: Answer, now_ms: int, secret: str = "") -> Envelope:
    """The envelope of a successful answer.

    Args:
        what: the call in the project's words, for the error.
        answer: what came.
        now_ms: wall time, against which a `Retry-After` date is measured.
        secret: hidden wherever the vendor's words repeat it.

    Raises:
        ProviderError: of the class that the answer stands for; `WireError` when it is in no documented shape.
    """
    if answer.status == 200:
        return _read_envelope(what, answer.body, secret)
    raise error_of(what, answer, now_ms, secret)


def is_delayed(envelope: Envelope) -> bool:
    """Whether the plan gives this data later than it happens."""
    return _SUCCESSFUL.get(envelope.status, False)


def error_of(what: str, answer: Answer, now_ms: int, secret: str = "") -> ProviderError:
    """The error that an answer other than 200 stands for."""
    status, detail = answer.status, f"HTTP {answer.status}, {_text_of(answer.body, secret)}"
    if status == 429:
        return RateLimited(what, detail, retry_after_s(answer.retry_after, now_ms))
    if status in _REFUSED:
        return _REFUSED[status](what, detail)
    if 400 <= status < 500:
        return RequestRefused(what, detail)
    if status >= 500:
        return ProviderUnavailable(what, detail)
    return WireError(what, detail)


def retry_after_s(header: str | None, now_ms: int) -> float | None:
    """Seconds that a `Retry-After` header asks for, as number or as HTTP date; None when it says nothing usable."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, moment.timestamp() - now_ms / 1000)
    except (ValueError, IndexError, OverflowError):
        return None


def _read_envelope(what: str, body: bytes, secret: str) -> Envelope:
    try:
        envelope = _ENVELOPE.decode(body)
    except UNUSABLE:
        raise WireError(what, _text_of(body, secret)) from None
    if envelope.status in _SUCCESSFUL:
        return envelope
    refusal = _REFUSED_IN_A_200.get(envelope.status, WireError)
    raise refusal(what, f"HTTP 200 with status {envelope.status[:40]!r}, {_text_of(body, secret)}")


def _text_of(body: bytes, secret: str) -> str:
    """The vendor's sentence; the beginning of the body when it is no refusal in JSON."""
    try:
        refusal = _REFUSAL.decode(body)
        sentence = refusal.error or refusal.message
    except UNUSABLE:
        sentence = None
    text = hide(sentence or body[:_READ].decode("utf-8", "replace"), secret)
    return " ".join(text.split())[:_SHOWN] or "no text"
