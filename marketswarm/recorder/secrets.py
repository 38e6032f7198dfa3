"""Keeps secrets out of recordings, wherever in what was received they stand. Pure."""

from collections.abc import Callable, Iterable
from typing import Final

_SHORTEST: Final = 8  # a shorter one cannot be told from data; the vendor's keys have 32 characters


def hider(secrets: Iterable[str]) -> Callable[[bytes], bytes]:
    """A function that puts stars in place of each secret; the length stays, so that what was packed stays readable."""
    words = [secret.encode() for secret in secrets if len(secret) >= _SHORTEST]

    def hide(data: bytes) -> bytes:
        for word in words:
            if word in data:
                data = data.replace(word, b"*" * len(word))
        return data

    return hide
