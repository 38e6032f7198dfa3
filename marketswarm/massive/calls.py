"""One REST call: the key in a header, time-outs, retries, pages. What the answers mean is for `answers`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from marketswarm.clock import Clock
from marketswarm.errors import KeyRefused, ProviderUnavailable, RateLimited, WireError
from marketswarm.massive.answers import Answer, read_answer
from marketswarm.massive.backoff import RetryPolicy
from marketswarm.massive.trust import named_bundle, tls_fault
from marketswarm.massive.wire import Envelope
from marketswarm.ports import CallTap
from marketswarm.settings import is_loopback

_USER_AGENT = "marketswarm"
Query = Mapping[str, str]
Transport = Callable[[str, float, float], Answer]
"""Gives the answer to a path with its query, within so many seconds to connect and to read.

It raises `ProviderUnavailable` when none comes.
"""
_NO_ANSWER = Answer(0, b"", None)
_KEY_PARAMETERS = frozenset({"apikey", "api_key"})


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds for opening a connection, and between two pieces of an answer."""

    connect_s: float = 5.0
    read_s: float = 15.0


class _Bearer(AuthBase):
    """Sets the key on each request. As `auth`, and not a plain header, so that no .netrc can take its place."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


class VendorCalls:
    """GET requests to one base address. Safe to share between threads.

    Args:
        base_url: where the API is; `next_url` of any other host is followed on this one.
        api_key: sent as a header, never in an address.
        clock: measures and waits.
        random: gives numbers in [0, 1), for the waits between tries.
        timeouts: of one try.
        pool_size: connections kept open at most.
        max_pages: an answer of more pages than this is taken for an endless one.
        on_page: called after each page with its number within its call.
        tap: told of each answer.
        transport: what gives the answers in place of the network.

    Attributes:
        is_key_refused: whether the last answer was that the key is not known.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        clock: Clock,
        random: Callable[[], float],
        timeouts: Timeouts | None = None,
        pool_size: int = 16,
        max_pages: int = 200,
        on_page: Callable[[int], None] | None = None,
        tap: CallTap | None = None,
        transport: Transport | None = None,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._key = api_key
        self._clock = clock
        self._random = random
        self._timeouts = timeouts or Timeouts()
        self._max_pages = max_pages
        self._on_page = on_page
        self._tap = tap
        self._transport = transport
        self._session = open_session(self._base, api_key, pool_size)
        self.is_key_refused = False

    def get(self, what: str, path: str, params: Query, retry: RetryPolicy | None = None) -> Envelope:
        """The first page of a call.

        Args:
            what: the call in the project's words, for errors.
            path: below the base address.
            params: the query.
            retry: how often and how long to try.

        Raises:
            ProviderError: of the class that the last answer stands for.
        """
        query = urlencode(params, safe=":,")
        return self._get(what, f"{path}?{query}" if query else path, retry or RetryPolicy())

    def pages(
        self, what: str, path: str, params: Query, retry: RetryPolicy | None = None
    ) -> Iterator[Envelope]:
        """All pages of a call, each tried anew like a call of its own.

        Raises:
            ProviderError: of the class that a page's last answer stands for.
            WireError: when the pages lead nowhere: one that was already read, or too many.
        """
        policy = retry or RetryPolicy()
        query = urlencode(params, safe=":,")
        target: str | None = f"{path}?{query}" if query else path
        followed: set[str] = set()
        while target is not None:
            followed.add(target)
            envelope = self._get(what, target, policy)
            if self._on_page is not None:
                self._on_page(len(followed))
            target = self._next(what, envelope, followed)
            yield envelope

    def close(self) -> None:
        """Close the kept connections."""
        self._session.close()

    def _next(self, what: str, envelope: Envelope, followed: set[str]) -> str | None:
        if not envelope.next_url:
            return None
        target = _path_and_query(what, envelope.next_url)
        if target in followed:
            raise WireError(what, "the next page is one that was already read")
        if len(followed) >= self._max_pages:
            raise WireError(what, f"more than {self._max_pages} pages")
        return target

    def _get(self, what: str, target: str, retry: RetryPolicy) -> Envelope:
        started = self._clock.monotonic_s()
        failures = 0
        while True:
            left = retry.total_s - (self._clock.monotonic_s() - started)
            try:
                answer = self._try(what, target, left)
                envelope = read_answer(what, answer, self._clock.now_ms(), self._key)
            except KeyRefused:
                self.is_key_refused = True
                raise
            except ProviderUnavailable as error:
                failures += 1
                asked = error.retry_after_s if isinstance(error, RateLimited) else None
                elapsed = self._clock.monotonic_s() - started
                wait = retry.next_wait_s(failures, elapsed, asked, self._random)
                if wait is None:
                    raise
            else:
                self.is_key_refused = False
                return envelope
            self._clock.sleep(wait)

    def _try(self, what: str, target: str, left_s: float) -> Answer:
        limit = max(left_s, 0.05)
        connect_s, read_s = min(self._timeouts.connect_s, limit), min(self._timeouts.read_s, limit)
        began_s, answer = self._clock.monotonic_s(), _NO_ANSWER
        try:
            if self._transport is not None:
                answer = self._transport(target, connect_s, read_s)
            else:
                answer = self._fetch(what, target, connect_s, read_s)
            return answer
        finally:
            if self._tap is not None and self._tap.is_on:
                self._tap.answered(target, began_s, answer.status, answer.body, answer.retry_after)

    def _fetch(self, what: str, target: str, connect_s: float, read_s: float) -> Answer:
        try:
            response = self._session.get(
                self._base + target, timeout=(connect_s, read_s), allow_redirects=False
            )
        except requests.Timeout:
            raise ProviderUnavailable(what, "no answer in time") from None
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
            words = tls_fault(error) or "no connection, or lost within the answer"
            raise ProviderUnavailable(what, words) from None
        except requests.RequestException as error:
            raise WireError(what, f"unreadable answer ({type(error).__name__})") from None
        return Answer(response.status_code, response.content, response.headers.get("Retry-After"))


def open_session(base_url: str, key: str, pool_size: int) -> requests.Session:
    """A session that sends the key, keeps no cookies, and goes past proxies where the base address is loopback.

    Raises:
        SettingsError: for authorities that cannot be read.
    """
    session = requests.Session()
    session.auth = _Bearer(key)
    session.headers["User-Agent"] = _USER_AGENT
    session.headers["Accept"] = "application/json"
    # Cookies would be the only state that threads share.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    # A proxy for the world does not lead to loopback.
    session.trust_env = not is_loopback(urlsplit(base_url).hostname)
    if urlsplit(base_url).scheme == "https":
        session.verify = named_bundle() or True
    adapter = HTTPAdapter(pool_connections=2, pool_maxsize=pool_size)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def _path_and_query(what: str, next_url: str) -> str:
    """Where a `next_url` leads on our own host. The cursor is left as it is; a key in it is dropped."""
    try:
        parts = urlsplit(next_url)
    except ValueError:
        raise WireError(what, "next_url is no address") from None
    if not parts.path.startswith("/"):
        raise WireError(what, "next_url has no path")
    query = parts.query
    if any(name.lower() in _KEY_PARAMETERS for name, _ in parse_qsl(query)):
        query = urlencode([pair for pair in parse_qsl(query) if pair[0].lower() not in _KEY_PARAMETERS])
    return f"{parts.path}?{query}" if query else parts.path
