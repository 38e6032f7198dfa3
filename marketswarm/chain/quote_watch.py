"""How the quotes of one symbol come, and whether they still do. Pure.

Where they are not streamed, a feed of trades and bars may rightly be silent for long: then the polls tell whether what is
stored is of now, also where they bring no quotes because the plan has none at all.
"""

from dataclasses import dataclass

from marketswarm.chain.polled import Poll
from marketswarm.model.plan import QuotesBy


@dataclass(slots=True)
class QuoteWatch:
    """What the stream knows of the polls.

    Attributes:
        how: quotes come.
        polled_ms: when the newest poll that we know of was stored.
        fresh_s: when we saw it, monotonic; None while quotes are streamed.
        allowed_s: how old it may become.
    """

    how: QuotesBy = "streamed"
    polled_ms: int = 0
    fresh_s: float | None = None
    allowed_s: float = 0.0

    def see(self, poll: Poll | None, now_s: float) -> bool:
        """Take note of the last poll, None while quotes are streamed; True when it changed what is stored."""
        if poll is None:
            self.how, self.fresh_s = "streamed", None
            return False
        is_new = poll.polled_ms != self.polled_ms
        if is_new or self.fresh_s is None:  # the first one has its time to come
            self.fresh_s = now_s
        self.polled_ms, self.allowed_s = poll.polled_ms, poll.allowed_s
        if not poll.error:
            self.how = "polled" if poll.quotes else "none"
        elif self.how == "streamed":
            self.how = "none"
        return is_new and poll.changed > 0

    def is_silent(self, now_s: float, open_s: float) -> bool | None:
        """Whether polls have stayed out for too long; None while quotes are streamed."""
        if self.fresh_s is None:
            return None
        return now_s - max(self.fresh_s, open_s) > self.allowed_s
