"""What has been given already, so that nothing is given twice over a broken connection. Pure."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

REMEMBERED: Final = 10_000
"""Ids, of each stream; a resumed connection repeats far fewer, if any."""


class Given:
    """The ids of the last entries, by stream."""

    def __init__(self) -> None:
        self._ids: dict[str, OrderedDict[str, None]] = {}

    def is_new(self, stream: str, entry_id: str) -> bool:
        """Whether it was not given yet; it counts as given from now on. What has no id is always new."""
        if not entry_id:
            return True
        ids = self._ids.setdefault(stream, OrderedDict())
        if entry_id in ids:
            return False
        ids[entry_id] = None
        if len(ids) > REMEMBERED:
            ids.popitem(last=False)
        return True

    def forget(self, streams: Iterable[str] = ()) -> None:
        """Those streams may have begun anew; all of them when none is named."""
        for stream in tuple(streams) or tuple(self._ids):
            self._ids.pop(stream, None)
