"""Which of the vendor's WebSocket hosts a connection goes to. Pure.

A key of a delayed plan is accepted by the real-time host, and then nothing is answered: neither refusals nor data.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_DELAYED: Final = {
    "socket.massive.com": "delayed.massive.com",
    "business.massive.com": "delayed-business.massive.com",
    "socket.polygon.io": "delayed.polygon.io",
}


def delayed_base(base: str) -> str | None:
    """The delayed host beside one of the vendor's own real-time hosts; None beside any other."""
    host = urlsplit(base).hostname or ""
    return base.replace(host, _DELAYED[host], 1) if host in _DELAYED else None


def is_delayed_base(base: str) -> bool:
    """Whether it is one of the vendor's delayed hosts."""
    return urlsplit(base).hostname in _DELAYED.values()


@dataclass(slots=True)
class Hosts:
    """The hosts of one process; what one connection has learnt holds for all.

    Attributes:
        base: where connections go.
        delayed: where they go when that stays mute; None: nowhere else.
        is_delayed: whether what comes is delayed.
        left: where they went before they fell back.
    """

    base: str
    delayed: str | None
    is_delayed: bool = False
    left: str | None = None

    @classmethod
    def of(cls, base: str, named: str | None) -> "Hosts":
        """The hosts for a base.

        Args:
            base: the setting's.
            named: the delayed host that a setting names; None: the vendor's own, beside the vendor's own.
        """
        is_delayed = is_delayed_base(base) or base == named
        return cls(base, None if is_delayed else named or delayed_base(base), is_delayed)

    def fall_back(self) -> None:
        """From here on connections go to the delayed host."""
        assert self.delayed is not None
        self.left, self.base, self.delayed, self.is_delayed = self.base, self.delayed, None, True

    def go_back(self) -> None:
        """From here on connections go where they went before they fell back, if they did."""
        if self.left is not None:
            self.base, self.delayed, self.left, self.is_delayed = self.left, self.base, None, False
