"""What Vexy says: messages in plain words, each number in them a fact, and annotations that stand on the page's widgets."""

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from marketswarm.model.event import Importance, Number

MessageKind = Literal["event", "epoch", "guide", "system", "digest"]
Tone = Literal["calm", "alert", "urgent"]
Detail = Literal["beginner", "initiated", "professional"]
DETAILS: tuple[Detail, ...] = get_args(Detail)

Epoch = Literal[
    "overnight",
    "premarket",
    "pre_open",
    "open",
    "opening_range",
    "morning",
    "lunch",
    "afternoon",
    "power_hour",
    "closing",
    "settlement",
    "postmarket",
    "closed",
]
EPOCHS: tuple[Epoch, ...] = get_args(Epoch)

Widget = Literal["ladder", "spot", "gamma", "smile", "feed"]
AnnotationKind = Literal["line", "band", "badge", "pulse", "note"]
AnnotationState = Literal["active", "fading", "cleared"]
ColourRole = Literal["up", "down", "neutral", "warning", "urgent"]

TITLE_MOST = 60
TEXT_MOST = 240
Text = Annotated[str, Field(min_length=1, max_length=TEXT_MOST)]


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class MessageFact(_Closed):
    """One number of a message's words.

    Attributes:
        text: as it stands in the words, such as `6,800` or `0.42`.
        source: where it is from: a level, a field of an event's evidence, or a phase of the session.
        as_of: when it was so, ms since the epoch.
    """

    name: str
    value: Number | str
    unit: str
    text: str
    source: str
    as_of: int


class MessageLevel(_Closed):
    """A price that the message speaks of, to be found on ladder and chart.

    Attributes:
        symbol: whose price it is; a message may speak of several.
        distance_points: price less spot; absent where spot is not known.
        distance_moves: the same in expected moves of the day.
    """

    symbol: str
    name: str
    price: float
    distance_points: float | None = None
    distance_moves: float | None = None


class Target(_Closed):
    """What an annotation is fixed to: a strike, a band of prices, a point of a chart, or a figure by its name."""

    type: Literal["strike", "band", "point", "metric"]
    strike: float | None = None
    low: float | None = None
    high: float | None = None
    x: float | None = None
    y: float | None = None
    metric: str | None = None


class Annotation(_Closed):
    """A mark on a widget, as it stands now; `cleared` when it is to be taken away.

    Attributes:
        id: the same through all its states.
        until_ts: when it goes by itself, ms; absent when only another message takes it away.
        version: grows by 1 with each state.
        source_event: id of the event that it marks; empty for one of a phase.
    """

    id: str
    symbol: str
    widget: Widget
    target: Target
    kind: AnnotationKind
    state: AnnotationState
    label: str
    colour: ColourRole
    from_ts: int
    until_ts: int | None = None
    version: int
    source_event: str = ""


class Message(_Closed):
    """One message.

    Attributes:
        id: the same input gives the same id.
        ts: of the event or the phase, ms since the epoch.
        texts: the same said for each level of detail; text, never markup.
        template, variant: which words were taken.
        refs: ids of the events that it is about.
        dedup_key: of messages with the same one, not two are said within the cooldown.
        supersedes: id of the message that this one takes the place of; empty for none.
        ttl_s: how long it is worth showing.
        quality: `coverage`, `degraded`, … of what it stands on.
    """

    id: str
    ts: int
    symbols: tuple[str, ...]
    expiration: date | None = None
    epoch: Epoch
    kind: MessageKind
    topic: str
    severity: int = Field(ge=0, le=100)
    importance: Importance
    tone: Tone
    title: str = Field(max_length=TITLE_MOST)
    texts: dict[Detail, Text]
    template: str
    variant: int
    facts: tuple[MessageFact, ...] = ()
    refs: tuple[str, ...] = ()
    levels: tuple[MessageLevel, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    dedup_key: str
    supersedes: str = ""
    ttl_s: int
    quality: dict[str, float | str] = {}
    version: int
