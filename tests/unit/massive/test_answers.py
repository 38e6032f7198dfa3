"""What an HTTP answer of the vendor means."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketswarm import errors
from marketswarm.massive.answers import Answer, is_delayed, read_answer, retry_after_s

NOW_MS = 1_795_449_600_000  # 2026-11-23 16:00:00 UTC


def answer(status: int, body: object, retry_after: str | None = None) -> Answer:
    """An answer as it came."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, data, retry_after)


@pytest.mark.parametrize(("status", "delayed"), [("OK", False), ("DELAYED", True)])
def test_success(status, delayed):
    """OK and DELAYED are both success; the second is remembered."""
    envelope = read_answer(
        "chain", answer(200, {"status": status, "results": [{}], "request_id": "0"}), NOW_MS
    )

    assert (len(envelope.results), is_delayed(envelope)) == (1, delayed)


@pytest.mark.parametrize("extra", [{}, {"results": None, "next_url": None}, {"results": []}])
def test_no_rows(extra):
    """Results may be missing, null or empty."""
    assert not read_answer("chain", answer(200, {"status": "OK"} | extra), NOW_MS).results


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, {"status": "ERROR", "error": "Unknown API Key"}, errors.KeyRefused),
        (
            403,
            {"status": "NOT_AUTHORIZED", "message": "You are not entitled to this data."},
            errors.NotEntitled,
        ),
        (
            200,
            {"status": "NOT_AUTHORIZED", "message": "You are not entitled to this data."},
            errors.NotEntitled,
        ),
        (200, {"status": "NOT_FOUND", "message": "Data not found."}, errors.NotFound),
        (200, {"status": "ERROR", "error": "failed"}, errors.RequestRefused),
        (404, {"status": "NOT_FOUND", "message": "Ticker not found."}, errors.NotFound),
        (404, b"404 page not found", errors.NotFound),
        (400, {"status": "ERROR", "error": "Failed to parse query parameters"}, errors.RequestRefused),
        (414, b"<html>request URI too long</html>", errors.RequestRefused),
        (429, {"status": "ERROR", "error": "exceeded"}, errors.RateLimited),
        (429, b"", errors.RateLimited),
        (500, {"status": "ERROR"}, errors.ProviderUnavailable),
        (502, b"<html>Bad Gateway</html>", errors.ProviderUnavailable),
        (200, b"<html>maintenance</html>", errors.WireError),
        (200, [], errors.WireError),
        (200, {}, errors.WireError),
        (200, {"status": "STRANGE"}, errors.WireError),
        (200, {"status": "OK", "results": {"not": "a list"}}, errors.WireError),
        (200, b'{"status":"OK","results":[' + b"[" * 50_000, errors.WireError),
        (200, b"\xff", errors.WireError),
        (302, b"", errors.WireError),
        (204, b"", errors.WireError),
    ],
)
def test_errors_by_class(status, body, error):
    """Each refusal, fault and foreign shape is an error of exactly one class."""
    with pytest.raises(errors.ProviderError) as caught:
        read_answer("chain", answer(status, body), NOW_MS)

    assert type(caught.value) is error


@pytest.mark.parametrize("name", ["error", "message"])
def test_the_vendors_sentence_is_shown(name):
    """The vendor's own words stand in the error, whichever member carries them, on one line and not too many."""
    with pytest.raises(errors.RequestRefused) as caught:
        read_answer("chain", answer(400, {name: "'Limit' failed\n on the tag " + "x" * 1000}), NOW_MS)

    assert "'Limit' failed on the tag xxx" in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("status", [200, 400, 401, 502])
def test_the_key_is_never_shown(status):
    """A key that the vendor's words repeat is hidden, even where the text is cut."""
    body = b"x" * 185 + b" key SECRET-KEY-1 was wrong"

    with pytest.raises(errors.ProviderError) as caught:
        read_answer("chain", answer(status, body), NOW_MS, "SECRET-KEY-1")

    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("2", 2.0),
        (" 30 ", 30.0),
        ("Mon, 23 Nov 2026 16:00:05 GMT", 5.0),
        ("Mon, 23 Nov 2026 15:59:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-3", None),
        ("Mon, 23 Nov 99999 16:00:05 GMT", None),
    ],
)
def test_retry_after(header, seconds):
    """`Retry-After` is a number of seconds or an HTTP date; nonsense is as good as none."""
    assert retry_after_s(header, NOW_MS) == seconds


@given(st.text())
def test_no_header_raises(header):
    """Whatever `Retry-After` says, reading it raises nothing."""
    retry_after_s(header, NOW_MS)


@given(st.integers(200, 599), st.binary())
def test_no_body_raises_anything_else(status, body):
    """Whatever a server sends, it is an envelope or an error of the tree."""
    with contextlib.suppress(errors.ProviderError):
        read_answer("chain", Answer(status, body), NOW_MS)
