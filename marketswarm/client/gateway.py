"""The gateway's HTTP: a document for a path, or the error that says why there is none."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import requests
from requests.auth import AuthBase
from urllib3.exceptions import MaxRetryError, ReadTimeoutError

from marketswarm.client.place import Place
from marketswarm.errors import (
    AnswerNotUnderstood,
    ClientError,
    GatewayRefused,
    GatewayUnavailable,
    NotThere,
    TokenRefused,
)

Document = dict[str, Any]
Query = Mapping[str, str | int | float | Iterable[str] | None]

_CONNECT_S: Final = 3.0
_TOLD: Final = 300  # characters of an answer that is no JSON


class Gateway:
    """Asks one gateway. Not for several threads at once: each takes one of its own.

    Args:
        place: where it is.
        timeout_s: how long an answer may be silent.
    """

    def __init__(self, place: Place, timeout_s: float = 10.0) -> None:
        self.place = place
        self._timeout_s = timeout_s
        self._session = requests.Session()
        # A proxy of the environment is for the world outside; and a password in ~/.netrc must not replace the token.
        self._session.trust_env = not place.is_near
        self._session.auth = _Bearer(place.token)

    def __repr__(self) -> str:
        return f"Gateway({self.place.url})"

    def get(self, path: str, query: Query | None = None) -> Document:
        """The document at a path.

        Raises:
            GatewayUnavailable, GatewayRefused, AnswerNotUnderstood: see there.
        """
        return self._document(self._ask("GET", path, query))

    def post(self, path: str, body: Document) -> Document:
        """What the gateway answers to a document; errors as for `get`."""
        return self._document(self._ask("POST", path, body=body))

    def open(self, path: str, query: Query, headers: Mapping[str, str], silent_s: float) -> requests.Response:
        """An answer whose body is still to be read, and may be silent for so long; errors as for `get`."""
        headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity", **headers}
        return self._ask("GET", path, query, headers=headers, stream=True, timeout=(_CONNECT_S, silent_s))

    def url(self, path: str) -> str:
        """The whole address of a path."""
        return f"{self.place.url}{path}"

    def close(self) -> None:
        """End its connections."""
        self._session.close()

    # -- inside -------------------------------------------------------------

    def _ask(
        self, method: str, path: str, query: Query | None = None, body: Any = None, **more: Any
    ) -> requests.Response:
        url = self.url(path)
        asked: dict[str, Any] = {"timeout": (_CONNECT_S, self._timeout_s), **more}
        try:
            answer = self._session.request(
                method, url, params=_plain(query or {}), json=body, allow_redirects=False, **asked
            )
        except requests.RequestException as error:
            raise GatewayUnavailable(url, self._without_token(_why(error))) from None
        if not answer.ok or answer.is_redirect:
            raise self._refusal(url, answer)
        return answer

    def _document(self, answer: requests.Response) -> Document:
        url = str(answer.url).partition("?")[0]
        try:
            document = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise AnswerNotUnderstood(url, f"no JSON: {type(error).__name__}", answer.status_code) from None
        if not isinstance(document, dict):
            raise AnswerNotUnderstood(
                url, f"a {type(document).__name__} instead of an object", answer.status_code
            )
        return document

    def _refusal(self, url: str, answer: requests.Response) -> ClientError:
        with answer:
            reason = self._without_token(_reason(answer))
        status = answer.status_code
        if status >= 500 or status == 429:
            return GatewayUnavailable(url, reason, status)
        if status < 400:
            return AnswerNotUnderstood(url, "leads elsewhere: give the address that it leads to", status)
        return {401: TokenRefused, 404: NotThere}.get(status, GatewayRefused)(url, reason, status)

    def _without_token(self, text: str) -> str:
        return text.replace(self.place.token, "********") if self.place.token else text


class _Bearer(AuthBase):
    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _plain(query: Query) -> dict[str, str]:
    """What is to be said; lists are joined by commas, and what is None or empty is not said."""
    told = {}
    for name, value in query.items():
        text = ",".join(value) if not isinstance(value, (str, int, float, type(None))) else value
        if text not in (None, ""):
            told[name] = str(text)
    return told


def _reason(answer: requests.Response) -> str:
    """What a refusal says: its `reason`, or the beginning of its text."""
    try:
        document = answer.json()
        return str(document.get("reason") or document.get("detail") or document.get("error") or answer.reason)
    except (requests.RequestException, ValueError, AttributeError):
        return " ".join(answer.text[:_TOLD].split()) or str(answer.reason)


def _why(error: requests.RequestException) -> str:
    """The cause in a few words, without the address, which stands beside it."""
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted (REQUESTS_CA_BUNDLE names the file of another authority)"
    if isinstance(error, requests.ConnectTimeout):
        return f"no connection within {_CONNECT_S:g} s"
    cause = error.args[0] if error.args else None
    if isinstance(error, requests.Timeout) or isinstance(cause, ReadTimeoutError):
        return "no answer in time"
    if isinstance(cause, MaxRetryError):
        return "no connection (`marketswarm up` runs a gateway)"
    return f"the connection broke off: {type(error).__name__}"
