"""What the stream says of itself."""

from marketswarm.chain.reports import REPORT_TTL_MS, StreamReports
from marketswarm.keys import BAD_FRAMES_MAXLEN
from marketswarm.ports import BadFrames


def test_a_report_vanishes_when_the_stream_dies(redis):
    """The report has a time to live and reads back as plain values."""
    reports = StreamReports(redis, "test")
    reports.write("SPX", {"state": "live", "lag_ms": {"p50": 1.5}, "gaps": 0})

    assert reports.read("SPX") == {"state": "live", "lag_ms": {"p50": 1.5}, "gaps": 0}
    assert 0 < redis.pttl("stream:SPX") <= REPORT_TTL_MS
    assert reports.read("SPY") == {}


def test_sections_that_the_plan_refuses_are_not_streamed(redis):
    """All three are, until the stream says that the plan has no channel for some."""
    reports = StreamReports(redis, "test")
    assert reports.streamed_sections("SPX") == ["quote", "trade", "day"]

    reports.write("SPX", {"not_streamed": ["quote", "day"]})
    assert reports.streamed_sections("SPX") == ["trade"]


def test_bad_frames_are_counted_and_the_newest_samples_kept(redis):
    """Counts add up by reason; samples are bounded."""
    reports = StreamReports(redis, "test")
    for number in range(BAD_FRAMES_MAXLEN + 10):
        reports.keep_bad_frames(BadFrames({"not-json": 2}, [("not-json", f"oops {number}")]))
    reports.keep_bad_frames(BadFrames())

    assert reports.bad_frame_counts() == {"not-json": 2 * (BAD_FRAMES_MAXLEN + 10)}
    samples = reports.bad_frame_samples()
    assert len(samples) == BAD_FRAMES_MAXLEN
    assert samples[0] == {"reason": "not-json", "text": f"oops {BAD_FRAMES_MAXLEN + 9}"}


def test_a_symbol_lacks_quotes_while_its_stream_says_so(redis):
    """Without a stream, with one that spoke too long ago, and with one that brings them it does not."""
    reports = StreamReports(redis, "test")
    assert reports.lacks_quotes("SPX", 1000) is False
    reports.write("SPX", {"not_streamed": ["quote"], "ts": 1000})
    assert reports.lacks_quotes("SPX", 2000) is True
    assert reports.lacks_quotes("SPX", 20_000) is False
    reports.write("SPX", {"not_streamed": ["trade"], "ts": 1000})
    assert reports.lacks_quotes("SPX", 2000) is False
