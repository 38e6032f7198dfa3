"""Documents of the gateway as typed values; what does not fit is named with the address that it came from."""

from collections.abc import Iterator
from contextlib import contextmanager

from marketswarm.errors import AnswerNotUnderstood

_TOLD = 200


@contextmanager
def understood(url: str) -> Iterator[None]:
    """Turn what goes wrong while a document is read into the client's own error.

    Raises:
        AnswerNotUnderstood: instead of KeyError, TypeError, AttributeError and ValueError (of which pydantic's is one).
    """
    try:
        yield
    except KeyError as error:
        raise AnswerNotUnderstood(url, f"the member {error.args[0]!r} is missing") from error
    except (TypeError, AttributeError, ValueError) as error:
        told = " ".join(str(error).split())
        raise AnswerNotUnderstood(url, f"{type(error).__name__}: {told[:_TOLD]}") from error
