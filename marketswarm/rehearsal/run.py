"""One rehearsal: scenes in, judged as they would be live, verdict out. Pure."""

from collections.abc import Iterator

from marketswarm.maths.calendar import us_options_calendar
from marketswarm.model.event import Event
from marketswarm.rehearsal.judge import Verdict, judge
from marketswarm.rehearsal.stage import Scene, Stage, StagedMarket
from marketswarm.vigil.engine import Engine, News, evaluate
from marketswarm.vigil.hours import session_time
from marketswarm.vigil.levels.whole import picture_of
from marketswarm.vigil.sighting import SessionTime, Tick
from marketswarm.vigil.state import VigilState, known_carry


class Rehearsal:
    """One scenario on its way.

    Attributes:
        state: what Vigil knows after the last tick; None before the first.
        events: all that was told so far.
    """

    def __init__(self, stage: Stage, engine: Engine) -> None:
        self._stage, self._engine = stage, engine
        self._market, self._calendar = StagedMarket(stage), us_options_calendar()
        self.state: VigilState | None = None
        self.events: list[Event] = []

    def ticks(self) -> Iterator[tuple[Event, ...]]:
        """Play tick after tick; what each of them tells."""
        for scene in self._market.scenes():
            found = evaluate(self.state, self._news(scene), self._engine)
            self.state = found.state
            self.events += found.events
            yield found.events

    def verdict(self) -> Verdict:
        """What was promised, and what was found of it so far."""
        return judge(self._market.labels, self.events, self._stage.begin_ms)

    def _news(self, scene: Scene) -> News:
        is_open = self._session(scene.ts).is_open
        return News(
            symbol=self._stage.symbol,
            ticks=(Tick(scene.ts, scene.spot),),
            chain=scene.columns.chain,
            chain_state="live" if is_open else "closed",
            picture=picture_of(
                scene.columns, in_session=is_open, carry=known_carry(self.state, scene.columns.chain)
            ),
            session_of=self._session,
        )

    def _session(self, ts: int) -> SessionTime:
        return session_time(self._calendar, ts)


def rehearse(stage: Stage, engine: Engine) -> tuple[Verdict, tuple[Event, ...]]:
    """Play one scenario to its end; what was promised and found, and all that was told."""
    rehearsal = Rehearsal(stage, engine)
    for _ in rehearsal.ticks():
        pass
    return rehearsal.verdict(), tuple(rehearsal.events)
