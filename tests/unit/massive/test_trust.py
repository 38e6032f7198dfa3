"""Whom the edges trust, and in which words they refuse a certificate."""

import ssl

import pytest
import requests
import trustme

from marketswarm.clock import SystemClock
from marketswarm.errors import ProviderUnavailable, SettingsError
from marketswarm.massive.backoff import RetryPolicy
from marketswarm.massive.calls import VendorCalls
from marketswarm.massive.inbox import Ended, Inbox, InboxSize, Opened
from marketswarm.massive.socket import FeedSocket
from marketswarm.massive.trust import VARIABLES, client_context, named_bundle, tls_fault
from marketswarm.simulator.certificates import FLAWS
from tests.support.faulty_wire import fault
from tests.support.simulator import running_simulator

WORDS = {
    "plain": "TLS failed: ",
    "self-signed": "the server's certificate is refused: self-signed",
    "wrong-host": "the server's certificate is refused: made for another host",
    "expired": "the server's certificate is refused: expired",
}
ONCE = RetryPolicy(attempts=1)
INDICES = "/v3/snapshot/indices"


@pytest.fixture(autouse=True)
def no_names(monkeypatch):
    """An environment that names no authorities."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Where the simulator's authority is written."""
    return tmp_path_factory.mktemp("tls") / "authority.pem"


@pytest.fixture(scope="module")
def simulator(authority):
    """A simulator that speaks TLS."""
    with running_simulator(symbols=("SPX",), tls=authority) as running:
        yield running


def first_arrival(simulator):
    """What the WebSocket meets first: that it is open, or why it ended."""
    inbox = Inbox(InboxSize())
    made = FeedSocket(simulator.ws + "/options", inbox, SystemClock())
    made.open()
    try:
        return inbox.take(5.0)[0]
    finally:
        made.shut()


def call(simulator):
    """One REST call, tried once."""
    calls = VendorCalls(simulator.rest, "key", clock=SystemClock(), random=lambda: 0.0)
    try:
        return calls.get("spot", INDICES, {"ticker.any_of": "I:SPX"}, ONCE)
    finally:
        calls.close()


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_named_authority_is_trusted_by_both_edges(simulator, authority, monkeypatch, variable):
    """REST and WebSocket trust the authorities that the environment names, on loopback, too."""
    monkeypatch.setenv(variable, str(authority))

    assert call(simulator).results
    assert first_arrival(simulator) == Opened(1)


def test_an_authority_that_nobody_named(simulator):
    """Without its name the simulator's authority is a stranger, to REST as to the WebSocket."""
    words = "the server's certificate is refused: of an authority that is not trusted"

    with pytest.raises(ProviderUnavailable, match=words):
        call(simulator)
    assert first_arrival(simulator) == Ended(1, None, words)


@pytest.mark.parametrize("how", WORDS)
def test_a_bad_certificate_is_refused_by_its_flaw(simulator, authority, monkeypatch, how):
    """Each flaw is refused in words of its own that name no address, and can be tried again."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with fault(simulator, f"tls-failure:how={how}"):
        with pytest.raises(ProviderUnavailable) as refused:
            call(simulator)
        ended = first_arrival(simulator)

    assert isinstance(ended, Ended)
    for said in (refused.value.detail, ended.reason):
        assert said.startswith(WORDS[how])
        assert "127.0.0.1" not in said
    assert first_arrival(simulator) == Opened(1)


def test_every_flaw_has_its_words():
    """No flaw that the simulator can show is left out above."""
    assert set(WORDS) == {"plain", *FLAWS}


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_authorities_that_cannot_be_read(tmp_path, monkeypatch, content):
    """A file that is missing, or holds none, stops the program with the variable's name."""
    path = tmp_path / "authorities.pem"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))

    with pytest.raises(SettingsError, match=r"^SSL_CERT_FILE is .*allowed: a file of certificates"):
        VendorCalls("https://127.0.0.1:1", "key", clock=SystemClock(), random=lambda: 0.0)


def test_the_first_name_counts(tmp_path, monkeypatch):
    """REQUESTS_CA_BUNDLE goes before SSL_CERT_FILE, and a folder is as good as a file."""
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "one.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "one.pem"))
    assert named_bundle() == str(tmp_path / "one.pem")

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path))
    assert named_bundle() == str(tmp_path)
    assert client_context(str(tmp_path)).verify_mode is ssl.CERT_REQUIRED


def test_without_names_the_library_s_authorities_are_trusted():
    """A machine without authorities of its own has those of the library beneath REST; certificates are always checked."""
    context = client_context(None)

    assert len(context.get_ca_certs()) > 50
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


def test_what_is_no_fault_of_tls():
    """A connection that was refused is no fault of TLS."""
    assert tls_fault(requests.ConnectionError("refused")) is None
