"""Certificates of a simulator, and what is said where none can be made."""

import asyncio
import ssl
import sys

import pytest

from marketswarm.errors import BadArgument
from marketswarm.simulator.certificates import FLAWS, Authority
from marketswarm.simulator.config import SimulatorConfig
from marketswarm.simulator.faults.grammar import read_plan
from marketswarm.simulator.server import SimulatorServer


def shaken(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> bytes:
    """Shake hands in memory: what ends at the client's side, once it has accepted the server's certificate."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server, server_hostname=host)
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    for side in (ours, theirs, ours, theirs):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return ours.getpeercert(binary_form=True) or b""


def trusting(authority: Authority, folder) -> ssl.SSLContext:
    """A client that trusts what the authority has written down of itself."""
    authority.write_to(folder / "authority.pem")
    return ssl.create_default_context(cafile=str(folder / "authority.pem"))


@pytest.mark.parametrize("host", ["192.0.2.7", "127.0.0.1", "::1", "localhost"])
def test_a_good_certificate_is_of_the_host_and_of_loopback(tmp_path, host):
    """Whoever trusts the authority's file accepts the simulator under each of its names; the file holds no key."""
    authority = Authority("192.0.2.7")
    client = trusting(authority, tmp_path)

    assert shaken(authority.good(), client, host)
    assert "PRIVATE" not in (tmp_path / "authority.pem").read_text()


@pytest.mark.parametrize(("flaw", "code"), list(zip(FLAWS, (18, 64, 10), strict=True)))
def test_a_flawed_certificate_has_its_one_flaw(tmp_path, flaw, code):
    """Each is refused for the flaw that it is named for, even by those who trust the authority."""
    authority = Authority("127.0.0.1")

    with pytest.raises(ssl.SSLCertVerificationError) as refused:
        shaken(authority.flawed(flaw), trusting(authority, tmp_path), "127.0.0.1")

    assert refused.value.verify_code == code


@pytest.mark.parametrize(
    "refused",
    [
        lambda folder: SimulatorConfig(tls=folder / "authority.pem"),
        lambda _: read_plan("tls-failure:how=expired"),
        lambda _: SimulatorConfig(faults=["tls-failure:how=self-signed@5s"]),
    ],
    ids=["--tls", "a fault by hand", "--faults"],
)
def test_where_no_certificate_can_be_made(tmp_path, monkeypatch, refused):
    """Without the package that makes them they are refused at the start, and the package is named."""
    monkeypatch.setitem(sys.modules, "trustme", None)

    with pytest.raises(BadArgument, match=r"trustme.*pip install 'marketswarm\[tls\]'"):
        refused(tmp_path)
    assert read_plan("tls-failure").values == {"how": "plain"}


def test_a_file_that_cannot_be_written(tmp_path):
    """It is refused with its name, before anything listens."""

    async def make() -> None:
        SimulatorServer(SimulatorConfig(tls=tmp_path / "none" / "authority.pem"))

    with pytest.raises(BadArgument, match=r"^tls is .*authority.pem'; allowed: a file that can be written"):
        asyncio.run(make())
