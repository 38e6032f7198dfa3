"""The Lua scripts: found once, joined with what they include, and called by name.

The sources lie in `lua/` beside the package, and inside an installed one as `marketswarm/_lua`.
"""

import re
from collections.abc import Sequence
from functools import cache
from hashlib import sha1
from pathlib import Path
from typing import Any, Protocol

from redis.exceptions import NoScriptError, ResponseError

from marketswarm.errors import ChainMissing, EpochChanged, ScriptRefused, WriterFenced

Value = str | bytes | int | float

_PLACES = (Path(__file__).parent / "_lua", Path(__file__).parents[1] / "lua")
_INCLUDE = re.compile(r"^--- @include (\w+)\n", re.MULTILINE)
_REFUSAL = re.compile(r"^([A-Z]{5,}) (.*)$", re.DOTALL)
_REFUSALS: dict[str, type[ScriptRefused]] = {
    "NOCHAIN": ChainMissing,
    "EPOCH": EpochChanged,
    "FENCED": WriterFenced,
}


class ScriptClient(Protocol):
    """The two commands of a Redis client that running a script takes."""

    def evalsha(self, sha: str, numkeys: int, *keys_and_args: Value) -> Any:
        """Run a script that the server knows."""
        ...

    def script_load(self, script: str) -> Any:
        """Make a script known to the server."""
        ...


def script_folder() -> Path:
    """Where the sources are.

    Raises:
        FileNotFoundError: when the package was installed without them.
    """
    for place in _PLACES:
        if place.is_dir():
            return place
    raise FileNotFoundError("the Lua scripts are missing from this installation; reinstall marketswarm")


class Script:
    """One script by name, such as `apply_updates`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.source = _joined_source(name)
        self.sha = sha1(self.source.encode(), usedforsecurity=False).hexdigest()

    def run(self, client: ScriptClient, keys: Sequence[str], arguments: Sequence[Value]) -> Any:
        """Run it; a server that lost its scripts gets this one again.

        Raises:
            ScriptRefused: or the kind of it that the script's code word names.
        """
        try:
            try:
                return client.evalsha(self.sha, len(keys), *keys, *arguments)
            except NoScriptError:
                client.script_load(self.source)
                return client.evalsha(self.sha, len(keys), *keys, *arguments)
        except ResponseError as error:
            raise self.refusal(error) from None

    def refusal(self, error: ResponseError) -> Exception:
        """The project's error for a script's answer, or the answer itself when the server, not the script, gave it."""
        match = _REFUSAL.match(str(error))
        if match is None or match[1] not in self.source:
            return error
        return _REFUSALS.get(match[1], ScriptRefused)(self.name, match[1], match[2])


@cache
def script(name: str) -> Script:
    """The script of that name."""
    return Script(name)


def script_names() -> list[str]:
    """Every script there is."""
    return sorted(path.stem for path in script_folder().glob("*.lua"))


def _joined_source(name: str) -> str:
    folder = script_folder()
    text = (folder / f"{name}.lua").read_text(encoding="utf-8")
    return _INCLUDE.sub(
        lambda match: (folder / "include" / f"{match[1]}.lua").read_text(encoding="utf-8"), text
    )
