"""TLS of a simulator: an authority made for this run, and certificates of it, good ones and bad ones.

No private key outlives the process: keys are made when they are needed, and lie in a file only while OpenSSL reads them.
"""

import importlib.util
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

from marketswarm.errors import BadArgument

if TYPE_CHECKING:
    import trustme

Flaw = Literal["self-signed", "wrong-host", "expired"]
FLAWS: Final = get_args(Flaw)
MAKER: Final = "trustme"
"""The package that makes certificates, which only they need."""

_ELSEWHERE: Final = "somewhere-else.invalid"
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_BEGAN: Final = datetime(2020, 1, 1, tzinfo=UTC)


def check_maker(argument: str, value: str) -> None:
    """Refuse what needs certificates where none can be made.

    Raises:
        BadArgument: naming the package that is missing.
    """
    if importlib.util.find_spec(MAKER) is None:
        needed = f"only with the package {MAKER}, which makes certificates: pip install 'marketswarm[tls]'"
        raise BadArgument(argument, value, needed)


class Authority:
    """Issues certificates for one host; nobody trusts it who was not given its own.

    Args:
        host: where the simulator listens.
    """

    def __init__(self, host: str) -> None:
        import trustme  # noqa: PLC0415  an extra

        self._names = tuple(dict.fromkeys((host, *_LOOPBACK)))
        self._ca = trustme.CA()

    def write_to(self, path: Path) -> None:
        """Write the authority's certificate, which is no secret, for clients to trust.

        Raises:
            BadArgument: for a file that cannot be written.
        """
        try:
            self._ca.cert_pem.write_to_path(str(path))
        except OSError as error:
            raise BadArgument("tls", str(path), f"a file that can be written ({error.strerror})") from error

    def good(self) -> ssl.SSLContext:
        """A server's side with a certificate of this host."""
        return _serving(self._ca.issue_cert(*self._names))

    def flawed(self, flaw: Flaw) -> ssl.SSLContext:
        """A server's side with a certificate that no client may take, for this one reason."""
        match flaw:
            case "self-signed":
                return _self_signed()
            case "wrong-host":
                return _serving(self._ca.issue_cert(_ELSEWHERE))
            case "expired":
                ended = _BEGAN + timedelta(days=1)
                return _serving(self._ca.issue_cert(*self._names, not_before=_BEGAN, not_after=ended))


def _serving(certificate: "trustme.LeafCert") -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context


def _self_signed() -> ssl.SSLContext:
    import trustme  # noqa: PLC0415  an extra

    stranger, context = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with stranger.private_key_pem.tempfile() as key, stranger.cert_pem.tempfile() as certificate:
        context.load_cert_chain(certificate, key)
    return context
