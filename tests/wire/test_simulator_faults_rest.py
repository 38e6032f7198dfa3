"""Each fault of REST on the wire, as a bare client meets it."""

import time
from collections import Counter

import pytest
import requests

from tests.support.faulty_wire import CHAIN, ask, fault, subscribed


@pytest.mark.parametrize(
    ("text", "wait", "words"),
    [
        ("http-429", None, "You've exceeded the maximum requests per minute"),
        ("http-429:retry_after=2,body=empty", "2", ""),
    ],
)
def test_too_many_requests(simulator, text, wait, words):
    """429 in the vendor's words or empty, with Retry-After where it is asked for; afterwards data again."""
    with fault(simulator, text):
        refused = ask(simulator, CHAIN)
    assert (refused.status_code, refused.headers.get("Retry-After")) == (429, wait)
    assert words in refused.text
    assert ask(simulator, CHAIN).status_code == 200


def test_server_errors(simulator):
    """An error of the 500s with the code that was asked for, in JSON or as a page; a share of the answers only."""
    with fault(simulator, "http-5xx:status=502,body=html"):
        broken = ask(simulator, CHAIN)
    assert (broken.status_code, broken.headers["Content-Type"].partition(";")[0]) == (502, "text/html")
    with fault(simulator, "http-5xx:share=0.5"):
        codes = {ask(simulator, "/v1/marketstatus/now").status_code for _ in range(40)}
    assert codes == {200, 503}


def test_a_refusal_that_calls_itself_200(simulator):
    """200, and the body says NOT_AUTHORIZED."""
    with fault(simulator, "not-authorized-200"):
        answer = ask(simulator, CHAIN)
    assert (answer.status_code, answer.json()["status"]) == (200, "NOT_AUTHORIZED")
    assert "results" not in answer.json()


def test_later_pages_fail(simulator):
    """The first page is whole, and the second is not there."""
    with fault(simulator, "cut-page"):
        first = ask(simulator, CHAIN, limit="20").json()
        assert len(first["results"]) == 20
        assert (
            requests.get(first["next_url"], headers={"Authorization": "Bearer k"}, timeout=5).status_code
            == 500
        )


def test_later_pages_break_off(simulator):
    """The second page promises more bytes than come."""
    with fault(simulator, "cut-page:how=truncate"):
        first = ask(simulator, CHAIN, limit="20").json()
        with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
            requests.get(first["next_url"], headers={"Authorization": "Bearer k"}, timeout=5)


def test_next_url_on_another_host(simulator):
    """The host is another one, path and cursor lead to the second page on our own."""
    with fault(simulator, "foreign-next-url"):
        url = ask(simulator, CHAIN, limit="20").json()["next_url"]
    assert url.startswith(f"https://api.polygon.io{CHAIN}?cursor=")
    assert len(ask(simulator, url.removeprefix("https://api.polygon.io")).json()["results"]) == 20


def test_rows_come_twice(simulator):
    """Some rows have an older copy beside them at other prices."""
    with fault(simulator, "duplicate-rows:share=0.5"):
        rows = ask(simulator, CHAIN, limit="20").json()["results"]
    count = Counter(row["details"]["ticker"] for row in rows)
    assert len(count) == 20
    assert set(count.values()) == {1, 2}
    twice = next(ticker for ticker, times in count.items() if times == 2)
    one, other = (row["last_quote"] for row in rows if row["details"]["ticker"] == twice)
    assert abs(one["last_updated"] - other["last_updated"]) == 1_000_000_000
    assert one["bid"] != other["bid"]


def test_latency(simulator, contracts):
    """Answers and frames come late, frames in their order, and what is held back goes out at the end."""
    with subscribed(simulator, contracts, "latency") as talk:
        began_s = time.monotonic()
        with fault(simulator, "latency:ms=300,jitter=200"):
            ask(simulator, "/v1/marketstatus/now")
            assert time.monotonic() - began_s >= 0.3
            events = talk.events(5, enough=400)
        events += talk.events(0.5)
    sequences = [event["q"] for event in events if event["ev"] == "Q" and event["sym"] == contracts[10]]
    assert sequences == sorted(sequences)
