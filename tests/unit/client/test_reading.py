"""What does not fit is named."""

import pytest

from marketswarm.client.reading import understood
from marketswarm.errors import AnswerNotUnderstood

URL = "http://gateway/api"


def test_a_missing_member_is_named():
    """With the address that the document came from."""
    with (
        pytest.raises(AnswerNotUnderstood, match=r"http://gateway/api: the member 'seq' is missing"),
        understood(URL),
    ):
        raise KeyError("seq")


@pytest.mark.parametrize("error", [TypeError("x"), ValueError("of\nlines"), AttributeError("y")])
def test_what_is_wrong_is_one_line(error):
    """The kind of the error and its words."""
    with pytest.raises(AnswerNotUnderstood) as told, understood(URL):
        raise error
    assert type(error).__name__ in str(told.value)
    assert "\n" not in str(told.value)
