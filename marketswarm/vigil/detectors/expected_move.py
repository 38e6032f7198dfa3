"""`expected_move`: spot has gone further from the session's open than options priced (`breach`), or its range is wide (`range`).

A driftless path as volatile as priced has a mean range of two expected moves, and ends beyond one of them four days in ten: the
range is told from two on. A range never narrows, so it ends with the session.
"""

from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field, model_validator

from marketswarm.vigil.sighting import Detector, Moment, Sighting
from marketswarm.vigil.spot_path import in_session, is_price, move_measure


class Thresholds(BaseModel):
    """How far is beyond."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enter: float = Field(
        default=1.0, gt=0, le=10, description="expected moves from the open at which a breach begins"
    )
    leave: float = Field(default=0.8, gt=0, le=10, description="expected moves below which it ends")
    range_moves: float = Field(
        default=2.0, gt=0, le=20, description="expected moves from low to high that are wide"
    )
    dwell: int = Field(default=3, ge=1, le=60, description="ticks in a row")
    cooldown_s: float = Field(default=900, ge=0, le=7200, description="seconds after its end")

    @model_validator(mode="after")
    def _bands_lie_apart(self) -> "Thresholds":
        if self.leave >= self.enter:
            raise ValueError(f"leave is {self.leave}; it must be less than enter, {self.enter}")
        return self


class Memory(Struct, frozen=True):
    """Nothing: the marks hold the session's open, high and low."""


def watch(memory: Memory, moment: Moment) -> tuple[Memory, tuple[Sighting, ...] | None]:
    """How much of the expected move is used."""
    if not in_session(moment):
        return memory, ()
    move, marks = move_measure(moment), moment.marks
    if move is None or marks.open is None or not is_price(marks.open):
        return memory, None
    found = [_breach((moment.tick.spot - marks.open) / move, marks.open, moment)]
    if marks.high is not None and marks.low is not None and is_price(marks.high) and is_price(marks.low):
        found.append(_range((marks.high - marks.low) / move, marks.high, marks.low, moment))
    return memory, tuple(found)


def _breach(moves: float, opened: float, moment: Moment) -> Sighting:
    rules: Thresholds = moment.thresholds
    return Sighting(
        type="expected_move",
        magnitude=abs(moves),
        enter=rules.enter,
        leave=rules.leave,
        title=f"Spot is {abs(moves):.2f} expected moves {'above' if moves > 0 else 'below'} its open",
        key="breach",
        direction="up" if moves > 0 else "down",
        dwell=rules.dwell,
        cooldown_s=rules.cooldown_s,
        ending="Spot is back within the expected move",
        evidence={
            "moves": moment.fact(moves, "expected moves"),
            "change": moment.fact(moment.tick.spot - opened, "points"),
            "open": moment.fact(opened, "points"),
        },
    )


def _range(moves: float, high: float, low: float, moment: Moment) -> Sighting:
    rules: Thresholds = moment.thresholds
    return Sighting(
        type="expected_move",
        magnitude=moves,
        enter=rules.range_moves,
        leave=rules.range_moves,
        title=f"The session's range is {moves:.2f} expected moves",
        key="range",
        dwell=rules.dwell,
        cooldown_s=rules.cooldown_s,
        ending="The session with the wide range is over",
        evidence={
            "moves": moment.fact(moves, "expected moves"),
            "high": moment.fact(high, "points"),
            "low": moment.fact(low, "points"),
        },
    )


DETECTOR = Detector(
    name="expected_move",
    version=2,
    method="way from the open and range of the session, in expected moves of the open",
    memory=Memory,
    watch=watch,
    needs_chain=False,
)
