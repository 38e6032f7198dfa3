"""The Lua scripts: found once, joined with what they include, and called by name.

The sources lie in `lua/` beside the package, and inside an installed one as `marketswarm/_lua`.
"""

import re
from collections.abc import Sequence
from functools import cache
from hashlib import sha1
from pathlib import Path
from typing import Any, Protocol, cast

from hiredis import pack_command
from redis.client import Redis
from redis.exceptions import NoScriptError, ResponseError

from marketswarm.errors import ChainMissing, EpochChanged, ScriptRefused, WriterFenced

Value = str | bytes | int | float
Call = tuple[Sequence[str], Sequence[Value]]
"""KEYS and ARGV."""

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

    def run_all(self, client: Redis, calls: Sequence[Call]) -> list[Any]:
        """Run it many times in one round trip: one answer for each call, a refusal among them as its error.

        Raises:
            ResponseError: when the server, not the script, will not do one of them.
        """
        answers = self._send(client, calls)
        lost = [at for at, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
        if lost:
            client.script_load(self.source)
            for at, answer in zip(lost, self._send(client, [calls[at] for at in lost]), strict=True):
                answers[at] = answer
        return [self.told(answer) for answer in answers]

    def begin(self, client: Redis) -> "RunningCalls":
        """Calls of it that are sent one by one, and whose answers are not waited for meanwhile."""
        return RunningCalls(self, client)

    def _send(self, client: Redis, calls: Sequence[Call]) -> list[Any]:
        with client.pipeline(transaction=False) as pipe:
            for keys, arguments in calls:
                pipe.evalsha(self.sha, len(keys), *keys, *arguments)
            return pipe.execute(raise_on_error=False)

    def told(self, answer: Any) -> Any:
        """An answer as the project's own: a refusal as its error.

        Raises:
            ResponseError: when the server, not the script, gave it.
        """
        if not isinstance(answer, ResponseError):
            return answer
        refusal = self.refusal(answer)
        if refusal is answer:
            raise answer
        return refusal

    def refusal(self, error: ResponseError) -> Exception:
        """The project's error for a script's answer, or the answer itself when the server, not the script, gave it."""
        match = _REFUSAL.match(str(error))
        if match is None or match[1] not in self.source:
            return error
        return _REFUSALS.get(match[1], ScriptRefused)(self.name, match[1], match[2])


class RunningCalls:
    """Calls of one script on a connection of their own, and what has come back of them.

    The server works meanwhile, and so may the caller. Nothing is sent twice: whoever meets a lost connection does not know what
    was done before.
    """

    def __init__(self, lua: Script, client: Redis) -> None:
        self._lua = lua
        self._client = client
        self._calls: list[Call] = []
        self._answers: list[Any] = []
        self._is_over = False
        self._connection = cast("Any", client.connection_pool.get_connection())

    def send(self, calls: Sequence[Call]) -> None:
        """Send some more; the server begins at once.

        Raises:
            ConnectionError, TimeoutError: of the library. Nothing else can be done with these calls then.
        """
        commands = [("EVALSHA", self._lua.sha, len(keys), *keys, *arguments) for keys, arguments in calls]
        # As the library does, without its look at the type of each of thousands of arguments, and in one write.
        packed = [pack_command(command) for command in commands]  # type: ignore[arg-type]  # takes any length
        try:
            # The health of a connection is asked for by a command, whose answer must not come amid ours.
            self._connection.send_packed_command([b"".join(packed)], check_health=not self._calls)
        except BaseException:
            self.give_up()
            raise
        self._calls += calls

    def is_answered(self) -> bool:
        """Whether all answers are here; takes those that are and does not wait.

        Raises:
            ConnectionError: of the library, as from any call.
        """
        try:
            while len(self._answers) < len(self._calls) and self._connection.can_read(0):
                self._read()
        except BaseException:
            self.give_up()
            raise
        return len(self._answers) == len(self._calls)

    def answers(self) -> list[Any]:
        """One answer for each call, as from `run_all`; waits for them. To be called once.

        Raises:
            ConnectionError, TimeoutError: of the library.
            ResponseError: when the server, not the script, will not do one of them.
        """
        try:
            while len(self._answers) < len(self._calls):
                self._read()
        except BaseException:
            self.give_up()
            raise
        self._is_over = True
        self._client.connection_pool.release(self._connection)
        lost = [at for at, answer in enumerate(self._answers) if isinstance(answer, NoScriptError)]
        again = self._lua.run_all(self._client, [self._calls[at] for at in lost]) if lost else []
        told = [None if at in lost else self._lua.told(answer) for at, answer in enumerate(self._answers)]
        for at, answer in zip(lost, again, strict=True):
            told[at] = answer
        return told

    def _read(self) -> None:
        try:
            self._answers.append(self._connection.read_response())
        except ResponseError as refusal:
            self._answers.append(refusal)

    def give_up(self) -> None:
        """Leave the connection, answers or none; once is enough, and more do nothing."""
        if not self._is_over:
            self._is_over = True
            self._connection.disconnect()
            self._client.connection_pool.release(self._connection)


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
