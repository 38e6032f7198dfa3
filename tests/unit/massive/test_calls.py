"""One REST call: key, time-outs, retries, pages."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from marketswarm import errors
from marketswarm.clock import ManualClock, SystemClock
from marketswarm.massive.answers import Answer as VendorAnswer
from marketswarm.massive.backoff import Backoff, RetryPolicy
from marketswarm.massive.calls import Timeouts, VendorCalls, open_session
from tests.support.scripted_vendor import Answer, ScriptedVendor, rows_answer

PATH = "/v3/things"
POLICY = RetryPolicy(attempts=3, total_s=60.0, backoff=Backoff(1.0, 8.0))


def make_calls(vendor: ScriptedVendor, clock=None, **options) -> VendorCalls:
    """Calls to that vendor."""
    return VendorCalls(
        vendor.rest_url, vendor.key, clock=clock or ManualClock(), random=lambda: 1.0, **options
    )


@pytest.fixture
def calls(vendor, clock):
    """Calls to the vendor on a clock that waits for nothing."""
    made = make_calls(vendor, clock)
    yield made
    made.close()


def test_the_key_travels_in_a_header_only(vendor, calls):
    """The key is a bearer token, and neither in the path nor in the query; the answer may be compressed."""
    vendor.answer(PATH, rows_answer(1))

    calls.get("things", PATH, {"a": "b:c,d"}, POLICY)

    (asked,) = vendor.asked
    assert asked.headers["Authorization"] == f"Bearer {vendor.key}"
    assert asked.query == {"a": "b:c,d"}
    assert "gzip" in asked.headers["Accept-Encoding"]


def test_a_netrc_does_not_replace_the_key(monkeypatch, tmp_path):
    """A .netrc with an entry for the host does not take the key's place, where the environment is heeded."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine api.example.com login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    session = open_session("https://api.example.com", "k1", 1)

    prepared = session.prepare_request(requests.Request("GET", "https://api.example.com/v3"))

    assert session.trust_env
    assert prepared.headers["Authorization"] == "Bearer k1"


def test_loopback_goes_past_the_proxy(vendor, monkeypatch):
    """A proxy of the environment is not asked for loopback."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    vendor.answer(PATH, rows_answer(1))

    assert make_calls(vendor).get("things", PATH, {}).results


def test_compressed_answers_are_read(vendor, calls):
    """A gzip answer reads like a plain one."""
    body = gzip.compress(json.dumps({"status": "OK", "results": [1, 2]}).encode())
    vendor.answer(PATH, Answer(body=body, headers={"Content-Encoding": "gzip"}))

    assert len(calls.get("things", PATH, {}).results) == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(401, {"error": "Unknown API Key"}), errors.KeyRefused),
        (Answer(403, {"status": "NOT_AUTHORIZED", "message": "no"}), errors.NotEntitled),
        (Answer(200, {"status": "NOT_AUTHORIZED", "message": "no"}), errors.NotEntitled),
        (Answer(404, {"status": "NOT_FOUND", "message": "Ticker not found."}), errors.NotFound),
        (Answer(404, "404 page not found"), errors.NotFound),
        (Answer(400, {"error": "Limit"}), errors.RequestRefused),
        (Answer(200, "<html>maintenance</html>"), errors.WireError),
        (Answer(302, "", {"Location": "https://elsewhere.example/"}), errors.WireError),
        (Answer(200, b"no gzip", {"Content-Encoding": "gzip"}), errors.WireError),
    ],
)
def test_a_final_refusal_is_not_tried_again(vendor, calls, answer, error):
    """What would be refused again is raised at once, by its class."""
    vendor.answer(PATH, answer, forever=True)

    with pytest.raises(errors.ProviderError) as caught:
        calls.get("things", PATH, {}, POLICY)

    assert type(caught.value) is error
    assert len(vendor.asked) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(500, {"error": "x"}), errors.ProviderUnavailable),
        (Answer(503, "<html>"), errors.ProviderUnavailable),
        (Answer(429, {"error": "exceeded"}), errors.RateLimited),
        (Answer(429, ""), errors.RateLimited),
        (Answer(drop=True), errors.ProviderUnavailable),
        (Answer(200, "{", {"Content-Length": "500", "Connection": "close"}), errors.ProviderUnavailable),
    ],
    ids=["500", "503", "429", "429 without text", "hung up", "cut short"],
)
def test_what_may_pass_is_tried_again(vendor, clock, calls, answer, error):
    """What may pass is tried as often as the policy says, with growing waits, and then raised."""
    vendor.answer(PATH, answer, forever=True)

    with pytest.raises(errors.ProviderUnavailable) as caught:
        calls.get("things", PATH, {}, POLICY)

    assert type(caught.value) is error
    assert len(vendor.asked) == 3
    assert clock.monotonic_s() == 1.0 + 2.0


def test_a_later_try_may_succeed(vendor, calls):
    """The first success ends the tries."""
    vendor.answer(PATH, Answer(503), Answer(429), rows_answer(1))

    assert calls.get("things", PATH, {}, POLICY).results


@pytest.mark.parametrize(
    ("header", "waited_s"), [("7", 7.0), ("Mon, 23 Nov 2026 16:00:05 GMT", 4.877), ("never", 1.0)]
)
def test_retry_after_is_honoured(vendor, clock, calls, header, waited_s):
    """The wait that a 429 asks for, as a number or a date, replaces our own."""
    vendor.answer(PATH, Answer(429, "", {"Retry-After": header}), rows_answer())

    calls.get("things", PATH, {}, POLICY)

    assert clock.monotonic_s() == pytest.approx(waited_s)


def test_a_wait_beyond_the_budget_is_not_begun(vendor, clock, calls):
    """When the asked wait is longer than the time left, the error is raised at once and says the wait."""
    vendor.answer(PATH, Answer(429, "", {"Retry-After": "61"}), forever=True)

    with pytest.raises(errors.RateLimited) as caught:
        calls.get("things", PATH, {}, POLICY)

    assert (caught.value.retry_after_s, clock.monotonic_s(), len(vendor.asked)) == (61.0, 0.0, 1)


def test_a_slow_answer_is_no_answer(vendor):
    """An answer that does not come within the read time-out is as good as none."""
    vendor.answer(PATH, Answer(delay_s=1.0), forever=True)
    calls = make_calls(vendor, SystemClock(), timeouts=Timeouts(1.0, 0.05))

    with pytest.raises(errors.ProviderUnavailable, match="no answer in time"):
        calls.get("things", PATH, {}, RetryPolicy(attempts=1))


def test_nobody_there():
    """A server that does not exist is unavailable, and its address is not in the error."""
    calls = VendorCalls("http://127.0.0.1:9", "k", clock=ManualClock(), random=lambda: 0.0)

    with pytest.raises(errors.ProviderUnavailable) as caught:
        calls.get("things", PATH, {}, POLICY)

    assert "127.0.0.1" not in str(caught.value)
    assert PATH not in str(caught.value)


def test_pages_are_followed_on_our_own_host(vendor, calls):
    """`next_url` of any host is followed on ours, cursor untouched and nothing added, until it is absent."""
    cursor = "YXA9MTIzJmFzPSZsaW1pdD0xMA"
    foreign = f"https://api.polygon.io{PATH}?cursor={cursor}"
    vendor.answer(PATH, rows_answer(1, 2, next_url=foreign), rows_answer(3))

    pages = list(calls.pages("things", PATH, {"limit": "250"}, POLICY))

    assert [len(page.results) for page in pages] == [2, 1]
    assert [asked.query for asked in vendor.asked] == [{"limit": "250"}, {"cursor": cursor}]
    assert vendor.asked[1].headers["Authorization"] == f"Bearer {vendor.key}"


def test_an_empty_page_does_not_end_the_pages(vendor, calls):
    """A page without rows is passed over: only a missing `next_url` ends a call."""
    vendor.answer(PATH, rows_answer(next_url=f"{vendor.rest_url}{PATH}?cursor=a"), rows_answer(1))

    assert [len(page.results) for page in calls.pages("things", PATH, {}, POLICY)] == [0, 1]


@pytest.mark.parametrize("cursors", [["a", "a"], ["a", "b", "a"]])
def test_pages_that_go_in_circles(vendor, calls, cursors):
    """A `next_url` that was already followed is an error, not an endless loop."""
    vendor.answer(PATH, *(rows_answer(1, next_url=f"https://x{PATH}?cursor={cursor}") for cursor in cursors))

    with pytest.raises(errors.WireError, match="already read"):
        list(calls.pages("things", PATH, {}, POLICY))


def test_pages_without_end(vendor):
    """More pages than any chain has are an error."""
    vendor.answer(PATH, *(rows_answer(1, next_url=f"https://x{PATH}?cursor={n}") for n in range(9)))

    with pytest.raises(errors.WireError, match="more than 5 pages"):
        list(make_calls(vendor, max_pages=5).pages("things", PATH, {}, POLICY))

    assert len(vendor.asked) == 5


@pytest.mark.parametrize("next_url", ["nonsense", "http://[", "https://api.massive.com"])
def test_a_next_url_that_is_none(vendor, calls, next_url):
    """A `next_url` that leads nowhere is an error: the rows so far would be a part only."""
    vendor.answer(PATH, rows_answer(1, next_url=next_url))

    with pytest.raises(errors.WireError):
        list(calls.pages("things", PATH, {}, POLICY))


def test_a_key_in_next_url_is_dropped(vendor, calls):
    """A `next_url` that carries a key is followed without it."""
    vendor.answer(PATH, rows_answer(1, next_url=f"https://x{PATH}?cursor=a%26b&apiKey=k1"), rows_answer(2))

    list(calls.pages("things", PATH, {}, POLICY))

    assert vendor.asked[1].query == {"cursor": "a&b"}


def test_each_page_is_tried_again_by_itself(vendor, calls):
    """A later page that fails is tried again without reading the earlier ones anew."""
    vendor.answer(PATH, rows_answer(1, next_url=f"https://x{PATH}?cursor=a"), Answer(503), rows_answer(2))

    assert len(list(calls.pages("things", PATH, {}, POLICY))) == 2
    assert [asked.query.get("cursor") for asked in vendor.asked] == [None, "a", "a"]


def test_progress_is_reported_page_by_page(vendor):
    """Each page read is reported with its number."""
    seen = []
    vendor.answer(PATH, rows_answer(1, next_url=f"https://x{PATH}?cursor=a"), rows_answer(2))

    list(make_calls(vendor, on_page=seen.append).pages("things", PATH, {}, POLICY))

    assert seen == [1, 2]


def test_several_threads_share_the_connections(vendor, calls):
    """Calls from several threads at once each get their own answer."""
    vendor.answer(PATH, Answer(200, {"status": "OK", "results": [1]}, delay_s=0.01), forever=True)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: len(calls.get("things", PATH, {"n": str(n)}).results), range(24)))

    assert found == [1] * 24
    assert sorted(int(asked.query["n"]) for asked in vendor.asked) == list(range(24))


class Told:
    """A tap that notes what it is told."""

    def __init__(self) -> None:
        self.is_on, self.answers = True, []

    def answered(self, target, began_s, status, body, retry_after):
        self.answers.append((target, status, body, retry_after))


def test_a_tap_is_told_of_every_answer_and_of_none_that_came(vendor, clock):
    """Path and query without any key, the status, and the body as it came; 0 where nothing came."""
    told = Told()
    calls = make_calls(vendor, clock, tap=told)
    vendor.answer(PATH, Answer(429, b"{}", headers={"Retry-After": "1"}), rows_answer(1))
    calls.get("things", PATH, {"a": "1"}, POLICY)
    calls.close()
    first, second = told.answers
    assert first == (f"{PATH}?a=1", 429, b"{}", "1")
    assert second[:2] == (f"{PATH}?a=1", 200)
    assert json.loads(second[2])["status"] == "OK"

    told.answers.clear()
    nobody = VendorCalls("http://127.0.0.1:1", "k", clock=clock, random=lambda: 1.0, tap=told)
    with pytest.raises(errors.ProviderUnavailable):
        nobody.get("things", PATH, {}, RetryPolicy(attempts=1))
    assert told.answers == [(PATH, 0, b"", None)]

    told.is_on = False
    with pytest.raises(errors.ProviderUnavailable):
        nobody.get("things", PATH, {}, RetryPolicy(attempts=1))
    assert len(told.answers) == 1


def test_answers_may_come_from_elsewhere(clock):
    """A transport in place of the network gives them, retries and meaning are the same."""
    given = iter([VendorAnswer(503, b"", None), VendorAnswer(200, b'{"status":"OK","results":[1]}', None)])
    asked = []

    def transport(target, _connect_s, _read_s):
        asked.append(target)
        return next(given)

    calls = VendorCalls("http://127.0.0.1:1", "k", clock=clock, random=lambda: 1.0, transport=transport)
    assert [bytes(row) for row in calls.get("things", PATH, {}, POLICY).results] == [b"1"]
    assert asked == [PATH, PATH]
