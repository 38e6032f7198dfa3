"""Every error of the project, one tree.

::

    MarketSwarmError
    ├── SettingsError          a variable has a value that cannot be used
    ├── BadArgument            a task, command or call was given a value that cannot be used
    │   └── UnknownSymbol      a symbol that is not among the configured ones
    ├── Retryable              (mixin) the same call may succeed later
    ├── ProviderError          the vendor's API
    │   ├── ProviderUnavailable   retryable: no connection, time-out, 5xx
    │   │   └── RateLimited       429, with the wait that the vendor asked for
    │   ├── ProviderRefused       final: the vendor said no
    │   │   ├── KeyRefused        401, or auth_failed on the WebSocket
    │   │   ├── NotEntitled       403, or 200 with NOT_AUTHORIZED: the plan lacks it
    │   │   ├── NotFound          404
    │   │   └── RequestRefused    400 and the other 4xx
    │   └── WireError             an answer that is not in the documented shape
    ├── StoreError             Redis
    │   ├── StoreUnavailable      retryable: no connection, or the server is still loading
    │   │   └── NothingRuns          no server is known at all
    │   ├── ScriptRefused         a Lua script said no: its code word and its sentence
    │   │   ├── ChainMissing      the chain is not stored, so updates have nothing to land on
    │   │   ├── EpochChanged      the set of contracts changed since the writer looked
    │   │   └── WriterFenced      another writer has taken the symbol over
    │   ├── WrongKey              a key of ours is of another type
    │   └── ForeignServer         the address answers, but not as a Redis that we can use
    ├── ChainError             what a chain needs and does not have
    │   ├── NoSuchChain           asked for a chain that nobody stored
    │   ├── NoExpiration          the vendor lists no expiration from that day on
    │   ├── NoSpot                no source gave a spot
    │   └── IncompleteChain       the vendor's rows do not make the chain that its listing promises
    ├── ClientError            the gateway did not give what its client asked for: URL, reason, status
    │   ├── GatewayUnavailable    retryable: no connection, time-out, 429, 5xx, not ready yet
    │   ├── GatewayRefused        4xx: the gateway said no, and why
    │   │   ├── TokenRefused         401: it wants a token, or another one
    │   │   └── NotThere             404: it knows no such symbol, chain or task
    │   ├── AnswerNotUnderstood   an answer that is not in the documented shape
    │   └── RefreshFailed         a reload that was asked for failed, or did not end in time
    ├── ExtraMissing           a call needs a package that an extra of this one installs
    ├── RecordingError         a recording cannot be made, read or used
    ├── PictureError           a picture cannot be drawn
    └── SupervisorError        a part of `up` could not be started

An error's arguments are plain values, so that it survives Celery's JSON and is raised again, whole, in the caller's shell.
"""

from typing import Any


class MarketSwarmError(Exception):
    """The root. `str()` gives one line that says what happened and what to do."""


class Retryable:
    """Mixin: whoever meets this error may try the same call again later."""


class SettingsError(MarketSwarmError):
    """A setting has a value that cannot be used."""

    def __init__(self, variable: str, value: str, allowed: str) -> None:
        super().__init__(variable, value, allowed)

    def __str__(self) -> str:
        variable, value, allowed = self.args
        return f"{variable} is {value!r}; allowed: {allowed}"


class BadArgument(MarketSwarmError):
    """A call was given a value that cannot be used."""

    def __init__(self, name: str, value: Any, allowed: str) -> None:
        super().__init__(name, value, allowed)

    def __str__(self) -> str:
        name, value, allowed = self.args
        return f"{name} is {value!r}; allowed: {allowed}"


class UnknownSymbol(BadArgument):
    """A symbol that is not among the configured ones."""

    def __init__(self, name: str, value: Any, allowed: str) -> None:
        super().__init__(name, value, allowed)

    def __str__(self) -> str:
        name, value, allowed = self.args
        return f"{name} is {value!r}, which is not configured; allowed: {allowed} (MARKETSWARM_SYMBOLS)"


class ProviderError(MarketSwarmError):
    """The vendor's API did not give what was asked for.

    Args:
        what: the call in the project's words, such as ``chain of SPX``.
        detail: what the vendor answered, without key and without host.
    """

    def __init__(self, what: str, detail: str) -> None:
        super().__init__(what, detail)

    @property
    def detail(self) -> str:
        """What the vendor answered."""
        return str(self.args[1])

    def __str__(self) -> str:
        return f"{self.args[0]}: {self.args[1]}"


class ProviderUnavailable(ProviderError, Retryable):
    """No connection, a time-out, or a 5xx answer."""


class RateLimited(ProviderUnavailable):
    """429. `retry_after_s` is what the vendor asked for, None if it did not say."""

    def __init__(self, what: str, detail: str, retry_after_s: float | None = None) -> None:
        super().__init__(what, detail)
        self.retry_after_s = retry_after_s
        self.args = (what, detail, retry_after_s)


class ProviderRefused(ProviderError):
    """The vendor said no, and would say it again."""


class KeyRefused(ProviderRefused):
    """The key is unknown or missing: set MASSIVE_API_KEY to a valid one."""

    def __str__(self) -> str:
        return f"{super().__str__()} (check MASSIVE_API_KEY)"


class NotEntitled(ProviderRefused):
    """The plan behind the key does not include this data."""

    def __str__(self) -> str:
        return f"{super().__str__()} (the plan behind MASSIVE_API_KEY does not include it)"


class NotFound(ProviderRefused):
    """The vendor knows no such object or route."""


class RequestRefused(ProviderRefused):
    """The vendor did not accept the request itself (400 and the like)."""


class WireError(ProviderError):
    """An answer that is not in the documented shape. `detail` holds the beginning of it."""


class StoreError(MarketSwarmError):
    """Redis did not do what was asked."""


class StoreUnavailable(StoreError, Retryable):
    """No connection to Redis, or it is not ready yet."""

    def __init__(self, address: str, detail: str) -> None:
        super().__init__(address, detail)

    def __str__(self) -> str:
        return f"Redis at {self.args[0]} is not reachable: {self.args[1]}"


class NothingRuns(StoreUnavailable):
    """Neither the settings nor a running `up` name a server."""

    def __init__(self) -> None:
        Exception.__init__(self)

    def __str__(self) -> str:
        return "nothing runs; start it with `make up` or `marketswarm up`, or set MARKETSWARM_REDIS_URL"


class WrongKey(StoreError):
    """A key that we use holds something else; nothing is written until it is deleted."""

    def __init__(self, key: str, found: str, wanted: str) -> None:
        super().__init__(key, found, wanted)

    def __str__(self) -> str:
        key, found, wanted = self.args
        return f"{key} is a {found}, where a {wanted} belongs: delete it, and it is made anew"


class ForeignServer(StoreError):
    """The address answers, but not as a Redis that this project can use."""

    def __init__(self, address: str, detail: str) -> None:
        super().__init__(address, detail)

    def __str__(self) -> str:
        return f"the server at {self.args[0]} cannot be used: {self.args[1]}; needed: Redis 6.2 or newer, or Valkey"


class ScriptRefused(StoreError):
    """A Lua script refused its input. `word` is its code, the first word of its answer."""

    def __init__(self, script: str, word: str, sentence: str) -> None:
        super().__init__(script, word, sentence)

    @property
    def word(self) -> str:
        """The script's code word, such as ``BADFIELD``."""
        return str(self.args[1])

    def __str__(self) -> str:
        script, word, sentence = self.args
        return f"{script} refused: {word} {sentence}"


class ChainMissing(ScriptRefused):
    """The chain is not stored, so updates have nothing to land on."""


class EpochChanged(ScriptRefused):
    """The set of contracts changed since the writer looked: read the chain again."""


class WriterFenced(ScriptRefused):
    """Another writer has taken the symbol over: this one must stop writing."""


class ChainError(MarketSwarmError):
    """A chain lacks what it needs."""


class NoSuchChain(ChainError):
    """Nobody stored the chain that was asked for."""

    def __init__(self, symbol: str, expiration: str | None = None) -> None:
        super().__init__(symbol, expiration)

    def __str__(self) -> str:
        symbol, expiration = self.args
        which, option = (
            (f"{symbol} {expiration}", f" --expiration {expiration}") if expiration else (symbol, "")
        )
        listed = ", if the vendor lists that day" if expiration else ""
        return f"no chain of {which} is stored; `marketswarm refresh {symbol}{option}` loads it{listed}"


class NoExpiration(ChainError):
    """The vendor lists no contracts that expire on that day, or from that day on."""

    def __init__(self, symbol: str, day: str) -> None:
        super().__init__(symbol, day)

    def __str__(self) -> str:
        return f"the vendor lists no option of {self.args[0]} for {self.args[1]}"


class NoSpot(ChainError):
    """No source gave a spot for the symbol."""

    def __init__(self, symbol: str, tried: str) -> None:
        super().__init__(symbol, tried)

    def __str__(self) -> str:
        return f"no spot for {self.args[0]}; tried: {self.args[1]}"


class IncompleteChain(ChainError):
    """The vendor's rows do not make the chain that its listing promises."""

    def __init__(self, symbol: str, expiration: str, detail: str) -> None:
        super().__init__(symbol, expiration, detail)

    def __str__(self) -> str:
        symbol, expiration, detail = self.args
        return f"the chain of {symbol} {expiration} came incomplete: {detail}; the stored one is kept"


class ClientError(MarketSwarmError):
    """The gateway did not give what its client asked for.

    Args:
        url: what was asked, without credentials.
        reason: what went wrong, in one line.
        status: of the answer; None where there was none.
    """

    def __init__(self, url: str, reason: str, status: int | None = None) -> None:
        super().__init__(url, reason, status)

    @property
    def url(self) -> str:
        """What was asked."""
        return str(self.args[0])

    @property
    def reason(self) -> str:
        """What went wrong."""
        return str(self.args[1])

    @property
    def status(self) -> int | None:
        """Of the answer; None where there was none."""
        return None if self.args[2] is None else int(self.args[2])

    def __str__(self) -> str:
        url, reason, status = self.args
        return f"{url}: {reason}" if status is None else f"{url} answers {status}: {reason}"


class GatewayUnavailable(ClientError, Retryable):
    """No connection, a time-out, 429, a 5xx answer, or a gateway that is not ready yet."""


class GatewayRefused(ClientError):
    """The gateway said no, and would say it again."""


class TokenRefused(GatewayRefused):
    """The gateway wants a token, or another one."""

    def __str__(self) -> str:
        return f"{super().__str__()} (give the gateway's MARKETSWARM_API_TOKEN as token)"


class NotThere(GatewayRefused):
    """The gateway knows no such symbol, chain or task."""


class AnswerNotUnderstood(ClientError):
    """An answer that is not in the documented shape."""


class RefreshFailed(ClientError):
    """A reload that was asked for failed, or did not end in time."""


class ExtraMissing(MarketSwarmError):
    """A call needs a package that an extra of this one installs."""

    def __init__(self, what: str, package: str, extra: str) -> None:
        super().__init__(what, package, extra)

    def __str__(self) -> str:
        what, package, extra = self.args
        return f"{what} needs {package}: pip install 'marketswarm[{extra}]'"


class RecordingError(MarketSwarmError):
    """A recording cannot be made, read or used."""

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(path, detail)

    def __str__(self) -> str:
        return f"recording {self.args[0]}: {self.args[1]}"


class PictureError(MarketSwarmError):
    """A picture cannot be drawn."""

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(path, detail)

    def __str__(self) -> str:
        return f"picture {self.args[0]}: {self.args[1]}"


class SupervisorError(MarketSwarmError):
    """A part of `up` could not be started or kept running."""

    def __init__(self, part: str, detail: str) -> None:
        super().__init__(part, detail)

    def __str__(self) -> str:
        return f"{self.args[0]}: {self.args[1]}"
