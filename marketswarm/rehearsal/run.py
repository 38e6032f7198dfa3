"""One rehearsal: scenes in, judged as they would be live, verdict out. Pure."""

from marketswarm.maths.calendar import SessionCalendar, new_york_day, us_options_calendar
from marketswarm.model.event import Event
from marketswarm.rehearsal.judge import Verdict, judge
from marketswarm.rehearsal.stage import Stage, StagedMarket
from marketswarm.vigil.engine import Engine, News, evaluate
from marketswarm.vigil.levels.whole import picture_of
from marketswarm.vigil.sighting import SessionTime, Tick
from marketswarm.vigil.state import VigilState, known_carry


def rehearse(stage: Stage, engine: Engine) -> tuple[Verdict, tuple[Event, ...]]:
    """Play one scenario; what was promised and found, and all that was told."""
    market, calendar = StagedMarket(stage), us_options_calendar()
    state: VigilState | None = None
    events: list[Event] = []
    for scene in market.scenes():
        session = session_time(calendar, scene.ts)
        found = evaluate(
            state,
            News(
                symbol=stage.symbol,
                ticks=(Tick(scene.ts, scene.spot),),
                chain=scene.columns.chain,
                chain_state="live" if session.is_open else "closed",
                picture=picture_of(
                    scene.columns,
                    in_session=session.is_open,
                    carry=known_carry(state, scene.columns.chain),
                ),
                session_of=lambda ts: session_time(calendar, ts),
            ),
            engine,
        )
        state = found.state
        events += found.events
    return judge(market.labels, events, stage.begin_ms), tuple(events)


def session_time(calendar: SessionCalendar, ts: int) -> SessionTime:
    """Where in the trading day a moment lies: of the session of that day, or of the next."""
    day = new_york_day(ts)
    day = day if calendar.is_session(day) else calendar.next_session(day)
    session = calendar.session(day)
    return SessionTime(day.isoformat(), session.open_ms, session.close_ms, calendar.is_open(ts))
