"""The gateway's HTTP: what is asked, and which error each failure is."""

import pytest

from marketswarm.client.gateway import Gateway
from marketswarm.client.place import Place
from marketswarm.errors import (
    AnswerNotUnderstood,
    ClientError,
    GatewayRefused,
    GatewayUnavailable,
    NotThere,
    Retryable,
    TokenRefused,
)
from tests.support.free_ports import free_port
from tests.support.scripted_gateway import CUT, HOLD, Answer

TOKEN = "a-token-of-the-tests"
PATH = "/api/v1/chain/SPX"
REASONED = {"error": "bad-argument", "reason": "symbol is 'IWM'; allowed: SPX"}


@pytest.fixture
def near(gateway):
    """Asks the scripted one, with a token."""
    return Gateway(Place(gateway.url, TOKEN), timeout_s=0.5)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, GatewayRefused),
        (401, TokenRefused),
        (403, GatewayRefused),
        (404, NotThere),
        (429, GatewayUnavailable),
        (500, GatewayUnavailable),
        (503, GatewayUnavailable),
        (307, AnswerNotUnderstood),
    ],
)
def test_each_status_is_an_error_of_its_own(gateway, near, status, kind):
    """With the address, the status, and the gateway's own reason; 429 and 5xx may be tried again."""
    gateway.answer(PATH, Answer(status, REASONED, {"Location": "/elsewhere"}))
    with pytest.raises(ClientError) as raised:
        near.get(PATH)
    assert type(raised.value) is kind
    assert (raised.value.url, raised.value.status) == (gateway.url + PATH, status)
    assert status < 400 or "symbol is 'IWM'; allowed: SPX" in str(raised.value)
    assert isinstance(raised.value, Retryable) == (kind is GatewayUnavailable)


@pytest.mark.parametrize("body", ["[]", "5", "<html>", ""])
def test_an_answer_that_is_no_object_is_named(gateway, near, body):
    """A page of some other server is not taken for an answer."""
    gateway.answer(PATH, Answer(200, body))
    with pytest.raises(AnswerNotUnderstood, match=PATH):
        near.get(PATH)


def test_a_refusal_may_be_no_json(gateway, near):
    """The beginning of its text is the reason, in one line."""
    gateway.answer(PATH, Answer(502, "<h1>Bad\nGateway</h1>" + "x" * 1000))
    with pytest.raises(GatewayUnavailable) as raised:
        near.get(PATH)
    assert raised.value.reason.startswith("<h1>Bad Gateway</h1>")
    assert len(raised.value.reason) < 400


def test_nobody_there_is_said():
    """With what runs a gateway."""
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(GatewayUnavailable, match="`marketswarm up` runs a gateway") as raised:
        Gateway(Place(url)).get("/readyz")
    assert raised.value.status is None


def test_silence_is_an_end(gateway, near):
    """An answer that does not come is waited for so long."""
    gateway.script(HOLD)
    with pytest.raises(GatewayUnavailable, match="no answer in time"):
        near.get("/sse")


def test_an_answer_may_break_off(gateway, near):
    """That is said, and may be tried again."""
    gateway.script(b"{", CUT)
    with pytest.raises(GatewayUnavailable, match="the connection broke off"):
        near.get("/sse")


def test_what_is_asked(gateway, near):
    """Lists are joined, what is None or empty is not said, the token goes along."""
    gateway.answer(PATH, {})
    near.get(PATH, {"symbols": ["SPX", "SPY"], "limit": 5, "types": (), "expiration": None})
    assert gateway.asked[-1].query == {"symbols": "SPX,SPY", "limit": "5"}
    assert gateway.asked[-1].headers["Authorization"] == f"Bearer {TOKEN}"


def test_no_proxy_stands_between_near_programs(gateway, near, monkeypatch):
    """A proxy of the environment is not asked for loopback, and ~/.netrc gives no password."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    gateway.answer(PATH, {"fine": 1})
    assert near.get(PATH) == {"fine": 1}


def test_the_token_is_never_told(gateway, near):
    """Neither in a representation nor when a server repeats it in its refusal."""
    gateway.answer(PATH, Answer(401, {"error": "token", "reason": f"{TOKEN} is not the token"}))
    with pytest.raises(TokenRefused) as raised:
        near.get(PATH)
    assert TOKEN not in str(raised.value) + repr(raised.value) + repr(near)
    assert "MARKETSWARM_API_TOKEN" in str(raised.value)
