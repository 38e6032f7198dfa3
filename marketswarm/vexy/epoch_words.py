"""What stands in the messages of the session's phases, and in guidance. Pure."""

from typing import Any, Final

from marketswarm.model.message import Epoch, MessageLevel
from marketswarm.vexy.context import Context, SymbolFacts
from marketswarm.vexy.level_facts import (
    Mark,
    distance_figure,
    flip_words,
    level_figures,
    marks_of,
    measure_words,
    message_level,
    named_marks,
    number_of,
    regime_word,
    session_figures,
)
from marketswarm.vexy.phrases import are, regime_means
from marketswarm.vexy.referring import listed, plain_symbol
from marketswarm.vexy.wordbook import terms

Vars = dict[str, Any]

EPOCH_TEMPLATES: Final[dict[Epoch, str]] = {
    "premarket": "premarket.brief",
    "pre_open": "pre_open.levels",
    "open": "open.print",
    "opening_range": "opening_range.range",
    "morning": "morning.check",
    "lunch": "lunch.check",
    "afternoon": "afternoon.decay",
    "power_hour": "power_hour.near",
    "closing": "closing.last",
    "settlement": "settlement.result",
    "postmarket": "postmarket.recap",
    "closed": "closed.next",
}
"""Phase → its template; a phase that is not here is silent."""

_SHOWN: Final = ("call_wall", "put_wall", "flip")
_ALIKE: Final = 1.2  # times: hours of a usual session differ by as much from the whole of it
_NEAR_MOVES: Final = 0.25  # expected moves within which a level is worth watching
_NEAR_FLIP: Final = 0.15
_IN_SIGHT: Final = 0.35  # within which a level may be called near at all
_USED_FROM, _USED_TO = 0.8, 1.0


def epoch_words(context: Context, symbol: str) -> Vars:
    """Name → fact, phrase, reference or word, of all that is known of a symbol at a phase."""
    known = context.of(symbol)
    marks = marks_of(symbol, known)
    told: Vars = {
        "symbol": plain_symbol(symbol),
        "levels": level_figures(symbol, known),
        "session": session_figures(symbol, context),
        **measure_words(symbol, known.levels),
        **flip_words(symbol, known.levels),
    }
    told["expires"] = _expires(context, known, told["session"])
    if "left" in told["session"]:
        told["are"] = are(told["session"]["left"].text)
    if known.expiration == context.session.day:
        told["expires_today"] = True
    if context.session.is_half_day:
        told["half_day"] = True
    shown = named_marks(marks, _SHOWN)
    if shown is not None:
        told["marks"] = shown
    regime = regime_word(known.levels)
    if regime is not None:
        told |= {"regime_name": regime, "leaning": regime_means(regime)}
    return (
        told
        | _gap(known)
        | _pace(told["levels"])
        | _near(known, marks)
        | _reach(known, marks, context)
        | _flip(known, marks)
    )


def epoch_levels(context: Context, symbol: str) -> tuple[MessageLevel, ...]:
    """The levels that stand out, as prices."""
    known = context.of(symbol)
    return tuple(message_level(symbol, one.name, one.price, known) for one in marks_of(symbol, known))


def guide_template(context: Context, symbol: str) -> str | None:
    """The condition that stands out most; None when none does."""
    known = context.of(symbol)
    marks, move = marks_of(symbol, known), number_of(known.levels, "move_open")
    if known.spot is not None and move:
        near = _nearest(known, marks)
        if near is not None and abs(near.price - known.spot) <= _NEAR_MOVES * move:
            return "guide.near_level"
        flip = next((one for one in marks if one.name == "flip"), None)
        if flip is not None and abs(flip.price - known.spot) <= _NEAR_FLIP * move:
            return "guide.near_flip"
        if known.high is not None and known.low is not None:
            used = (known.high - known.low) / move
            if _USED_FROM <= used <= _USED_TO:
                return "guide.used"
    return {"negative": "guide.negative", "positive": "guide.positive"}.get(regime_word(known.levels) or "")


def _expires(context: Context, known: SymbolFacts, session: Vars) -> Any:
    """Until when the front options run: the close where they end with the session, else their day."""
    if known.expiration in {None, context.session.day}:
        return "the close"
    return session["expiration"]


def _gap(known: SymbolFacts) -> Vars:
    if known.open is None or known.previous_close is None or known.open == known.previous_close:
        return {}
    return {"gap_side": "above" if known.open > known.previous_close else "below"}


def _pace(figures: Vars) -> Vars:
    """How what came compares with what was priced; nothing where they are nearly alike, as a usual hour and its session are."""
    realised, implied = figures.get("realised"), figures.get("implied")
    if (
        realised is None
        or implied is None
        or implied.value / _ALIKE < realised.value < implied.value * _ALIKE
    ):
        return {}
    return {"pace": "calmer" if realised.value < implied.value else "livelier"}


def _nearest(known: SymbolFacts, marks: tuple[Mark, ...]) -> Mark | None:
    """The strike level nearest to spot; the flip is none."""
    spot = known.spot
    if spot is None:
        return None
    strikes = [one for one in marks if one.name != "flip" and one.price != spot]
    return min(strikes, key=lambda one: abs(one.price - spot), default=None)


def _near(known: SymbolFacts, marks: tuple[Mark, ...]) -> Vars:
    """The nearest strike level, where it is near at all."""
    near, move = _nearest(known, marks), number_of(known.levels, "move_open")
    if near is None or known.spot is None or not move or abs(near.price - known.spot) > _IN_SIGHT * move:
        return {}
    told: Vars = {"near": near.reference, "meaning": near.name if near.name in terms() else "strike"}
    for name, kind in (("near_distance", "points"), ("near_em", "in_moves")):
        figure = distance_figure(near, known, name, kind)
        if figure is not None:
            told[name] = figure
    return told


def _reach(known: SymbolFacts, marks: tuple[Mark, ...], context: Context) -> Vars:
    """The levels that what is left of the expected move covers; of options that run on, it says nothing of this session."""
    left, spot = number_of(known.levels, "move_left"), known.spot
    if left is None or spot is None or known.expiration != context.session.day:
        return {}
    found = sorted(
        (one for one in marks if abs(one.price - spot) <= left), key=lambda one: abs(one.price - spot)
    )
    return {"reach": listed([one.named for one in found[:3]])} if found else {}


def _flip(known: SymbolFacts, marks: tuple[Mark, ...]) -> Vars:
    flip = next((one for one in marks if one.name == "flip"), None)
    if flip is None or known.spot is None or known.spot == flip.price:
        return {}
    told: Vars = {"flip": flip.fact, "flip_side": "above" if known.spot > flip.price else "below"}
    figure = distance_figure(flip, known, "flip_distance")
    return told | ({"flip_distance": figure} if figure is not None else {})
