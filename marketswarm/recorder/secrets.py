"""Keeps secrets out of recordings, wherever in what was received they stand. Pure."""

from collections.abc import Iterable
from typing import Final

_SHORTEST: Final = 8  # a shorter one cannot be told from data; the vendor's keys have 32 characters


class Hider:
    """Puts stars in place of each secret; lengths stay, so that what was packed stays readable."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        told = {secret.encode() for secret in secrets if len(secret) >= _SHORTEST}
        self._words = sorted(told, key=len, reverse=True)  # one may contain another

    def __call__(self, data: bytes) -> bytes:
        """The data without secrets."""
        for word in self._words:
            data = data.replace(word, b"*" * len(word))
        return data

    def clean(self, memory: bytearray, end: int) -> None:
        """Take secrets out of memory up to its `end`."""
        for word in self._words:
            at = memory.find(word, 0, end)
            while at >= 0:
                memory[at : at + len(word)] = b"*" * len(word)
                at = memory.find(word, at + len(word), end)
