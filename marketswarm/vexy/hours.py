"""The session as Vexy counts it: phases, and with which close marks go. Pure."""

from dataclasses import dataclass

from marketswarm.maths.calendar import OutsideCalendar, SessionCalendar
from marketswarm.vexy.context import SessionFacts
from marketswarm.vexy.epochs import Phase, phase_at, session_facts


@dataclass(frozen=True, slots=True)
class Hours:
    """The exchange's calendar, or that of a market that never closes.

    Attributes:
        is_always_open: trading goes on around the clock, as on the simulator.
    """

    calendar: SessionCalendar
    is_always_open: bool = False

    def phase(self, ts: int) -> Phase:
        """The phase at a moment, ms since the epoch."""
        return phase_at(self.calendar, ts, is_always_open=self.is_always_open)

    def session(self, phase: Phase) -> SessionFacts:
        """The session that a phase belongs to."""
        return session_facts(self.calendar, phase)

    def closes_ms(self, ts: int) -> int:
        """The close that comes next: with it all goes that lasts for a session."""
        try:
            return self.calendar.session(self.calendar.first_expiration_day(ts)).close_ms
        except OutsideCalendar:
            return ts

    def trading_since(self, ts: int) -> int | None:
        """Since when spots are traded without a break, ms; None when they are not."""
        if self.is_always_open:
            return 0
        phase = self.phase(ts)
        return self.session(phase).open_ms if phase.is_trading else None
