"""Which authorities the vendor's certificate is checked against, and what was wrong with one that was refused.

The two libraries beneath read different variables; REST and WebSocket go by the same ones here.
"""

import os
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from marketswarm.errors import SettingsError

VARIABLES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
"""The first one that is set counts, in the order in which the library beneath REST takes them."""

_NOT_TRUSTED: Final = "of an authority that is not trusted"
# OpenSSL's codes. Its own words would name the host.
_FLAWS: Final = {
    9: "not valid yet",
    10: "expired",
    18: "self-signed",
    19: _NOT_TRUSTED,
    20: _NOT_TRUSTED,
    21: _NOT_TRUSTED,
    62: "made for another host",
    64: "made for another host",
}


def named_bundle() -> str | None:
    """The file or folder of authorities that the environment names; None when it names none.

    Raises:
        SettingsError: for one that cannot be read.
    """
    for variable in VARIABLES:
        if path := os.environ.get(variable):
            _check(variable, path)
            return path
    return None


def client_context(bundle: str | None) -> ssl.SSLContext:
    """A client's side that trusts the authorities of a bundle, or else those of the machine and of the library."""
    if bundle is not None:
        return _trusting(bundle)
    context = ssl.create_default_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)  # some machines have none where OpenSSL looks
    return context


def tls_fault(error: BaseException) -> str | None:
    """What was wrong with the server's certificate or TLS, without its name; None where it was something else."""
    found = next((one for one in _causes(error) if isinstance(one, ssl.SSLError)), None)
    if isinstance(found, ssl.SSLCertVerificationError):
        code = found.verify_code
        return f"the server's certificate is refused: {_FLAWS.get(code, f'OpenSSL says {code}')}"
    if found is None or isinstance(found, ssl.SSLWantReadError | ssl.SSLWantWriteError):
        return None
    return f"TLS failed: {(found.reason or 'no reason given').lower().replace('_', ' ')}"


def _check(variable: str, path: str) -> None:
    try:
        _trusting(path)
    except OSError as error:  # no such file, or none with a certificate
        shown = error.strerror or type(error).__name__
        raise SettingsError(
            variable, path, f"a file of certificates, or a folder of them ({shown})"
        ) from None


def _trusting(bundle: str) -> ssl.SSLContext:
    if Path(bundle).is_dir():
        return ssl.create_default_context(capath=bundle)
    return ssl.create_default_context(cafile=bundle)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
