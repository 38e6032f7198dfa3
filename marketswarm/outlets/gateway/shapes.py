"""What the answers look like, for their description in `/openapi.json`; and what a request may hold, which is checked."""

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from marketswarm.model.chain import ChainState, Source
from marketswarm.model.contract import Contract
from marketswarm.model.event import Event
from marketswarm.model.message import Annotation, Message

MAX_STRIKES_EACH_SIDE: Final = 500

Milliseconds = Annotated[int, Field(description="ms since the epoch, UTC")]
Cursor = Annotated[
    str, Field(description="a place in all streams; `/sse?since=` goes on from there, and misses nothing")
]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """Why something is not answered."""

    error: Annotated[str, Field(description="the kind, such as unknown-symbol")]
    reason: Annotated[str, Field(description="one line that names the field, its value, and what is allowed")]


class ChainAnswer(BaseModel):
    """One chain, exactly as it stood at the cursor."""

    symbol: str
    expiration: date
    epoch: int
    seq: int
    state: ChainState
    spot: float | None = None
    centre: float | None = None
    low: float | None = None
    high: float | None = None
    source: Source
    delayed: bool
    loaded_ms: Milliseconds | None = None
    applied_ms: Milliseconds | None = None
    now_ms: Milliseconds
    cursor: Cursor
    contracts: dict[str, Contract]


class Tick(BaseModel):
    """One slot of the spot heartbeat."""

    ts: Milliseconds
    spot: float
    seq: int


class LatestSpot(Tick):
    """The last tick, with where it is from."""

    symbol: str
    source: Source
    as_of: Milliseconds | None = None
    method: str | None = None
    delayed: bool | None = None
    missed: int | None = None


class SpotAnswer(BaseModel):
    """Spot of one symbol; `latest` is absent before the first tick."""

    symbol: str
    latest: LatestSpot | None = None
    ticks: list[Tick]
    now_ms: Milliseconds
    cursor: Cursor


class LevelsAnswer(BaseModel):
    """The levels of one symbol, as Vigil published them; none before its first evaluation."""

    symbol: str
    levels: dict[str, dict[str, Any]]
    now_ms: Milliseconds


class EventsAnswer(BaseModel):
    """Vigil's events, oldest first."""

    events: list[Event]
    now_ms: Milliseconds
    cursor: Cursor


class MessagesAnswer(BaseModel):
    """Vexy's messages, oldest first."""

    messages: list[Message]
    now_ms: Milliseconds
    cursor: Cursor


class WidgetsAnswer(BaseModel):
    """The present annotations of one symbol's widgets."""

    symbol: str
    annotations: list[Annotation]
    now_ms: Milliseconds


class StatusAnswer(BaseModel):
    """The document of `marketswarm status --json`, and what the gateway adds."""

    source: str
    symbols: dict[str, dict[str, Any]]
    heartbeat: dict[str, int] | None = None
    bad_frames: dict[str, int] | None = None
    error: Annotated[str | None, Field(description="why nothing could be read")] = None
    now_ms: Milliseconds
    next_heartbeat_ms: Milliseconds
    session: Literal["open", "closed"]
    version: str


class RefreshOrder(_Closed):
    """How a chain is to be loaded again; what is left out is as the settings say."""

    strikes_each_side: Annotated[int | None, Field(strict=True, ge=1, le=MAX_STRIKES_EACH_SIDE)] = None
    expiration: Annotated[
        str | None, Field(strict=True, pattern=r"^\d{4}-\d{2}-\d{2}$", description="YYYY-MM-DD")
    ] = None


class TaskSent(BaseModel):
    """A task that was sent."""

    task_id: str
    symbol: str


class TaskProgress(BaseModel):
    """How far a task is."""

    percent: int
    step: str | None = None
    done: int | None = None
    total: int | None = None


class TaskSeen(BaseModel):
    """A task as Celery knows it. An id that it has never seen is `PENDING`, as is a task that no worker has taken yet."""

    task_id: str
    state: str
    over: bool
    progress: TaskProgress | None = None
    result: Any = None
    error: str | None = None


class LogIn(_Closed):
    """The token, in exchange for a cookie."""

    token: Annotated[str, Field(max_length=1_000)]


class Health(BaseModel):
    """Whether all is well."""

    status: Literal["ok"]


PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    400: {
        "model": Problem,
        "description": "a field has a value that cannot be used, or there is no such field",
    },
    401: {"model": Problem, "description": "the token is needed"},
    403: {"model": Problem, "description": "a foreign Host or Origin"},
    404: {"model": Problem, "description": "no such symbol or chain"},
    503: {"model": Problem, "description": "Redis does not answer"},
}
"""The errors that every call of the API may give."""

NOT_JSON: Final[dict[int | str, dict[str, Any]]] = {
    415: {"model": Problem, "description": "a body without Content-Type: application/json"},
}
"""The error that a call with a body may give, too."""
