"""How list queries are understood, and how cursors carry them on."""

import base64
from urllib.parse import parse_qs

import msgspec
import pytest

from marketswarm.simulator.answers import Refused
from marketswarm.simulator.query import Shape, as_bool, as_date, as_number, as_text, read_query

SHAPE = Shape(
    "OptionsChainQueryParam",
    {"strike_price": as_number, "expiration_date": as_date, "contract_type": as_text},
    ("ticker", "strike_price"),
    250,
)


def refusal(**parameters: str) -> str:
    """The error text of a query that is refused with 400."""
    with pytest.raises(Refused) as caught:
        read_query(parameters, SHAPE)
    assert caught.value.answer.status == 400
    body = msgspec.json.decode(caught.value.answer.body)
    assert body["status"] == "ERROR"
    return body["error"].removeprefix("Failed to parse query parameters from URL: ")


def test_defaults():
    """Without parameters: 10 rows by ticker, ascending, unfiltered."""
    query = read_query({}, SHAPE)
    assert (query.limit, query.sort, query.descending, query.filters, query.after) == (
        10,
        "ticker",
        False,
        (),
        None,
    )


def test_ranges():
    """Each column takes an exact value and four bounds; what is not known is ignored."""
    query = read_query({"strike_price.gte": "6800", "strike_price.lt": "6900.5", "foo": "1"}, SHAPE)
    assert [(f.column, f.operator, f.value) for f in query.filters] == [
        ("strike_price", "gte", 6800.0),
        ("strike_price", "lt", 6900.5),
    ]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        (
            "limit",
            "251",
            "Key: 'OptionsChainQueryParam.Limit' Error:Field validation for 'Limit' failed on the 'max' tag",
        ),
        (
            "limit",
            "0",
            "Key: 'OptionsChainQueryParam.Limit' Error:Field validation for 'Limit' failed on the 'min' tag",
        ),
        ("limit", "ten", 'strconv.ParseInt: parsing "ten": invalid syntax'),
        (
            "order",
            "up",
            "Key: 'OptionsChainQueryParam.Order' Error:Field validation for 'Order' failed on the 'oneof' tag",
        ),
        (
            "sort",
            "delta",
            "Key: 'OptionsChainQueryParam.Sort' Error:Field validation for 'Sort' failed on the 'oneof' tag",
        ),
        ("strike_price", "high", 'strconv.ParseFloat: parsing "high": invalid syntax'),
        ("expiration_date.gte", "tomorrow", 'parsing time "tomorrow" as "2006-01-02": cannot parse'),
        ("cursor", "=%%%", "invalid cursor"),
    ],
)
def test_refusals(name, value, says):
    """What cannot be read is refused with 400 in the vendor's words."""
    assert refusal(**{name: value}) == says


def test_bools_are_read_like_the_vendor_reads_them():
    """`true` and `1` are true, `derp` is refused."""
    assert [as_bool(text) for text in ("true", "1", "false", "0")] == [True, True, False, False]
    with pytest.raises(Refused):
        as_bool("derp")


def test_cursor_carries_everything_but_the_key():
    """A cursor is base64url of the query with the place to go on from, and never holds the key."""
    spoken = {
        "strike_price.gte": "6800",
        "limit": "5",
        "sort": "strike_price",
        "order": "desc",
        "apiKey": "secret",
    }
    cursor = read_query(spoken, SHAPE).cursor("6850", "O:SPXW261123C06850000")
    text = base64.urlsafe_b64decode(cursor + "==").decode()
    assert text.startswith("ap=6850&as=O%3ASPXW261123C06850000&limit=5&order=desc&sort=strike_price&")
    assert parse_qs(text)["strike_price.gte"] == ["6800"]
    assert "secret" not in text
    again = read_query({"cursor": cursor}, SHAPE)
    assert (again.after, again.limit, again.sort, again.descending) == (
        "O:SPXW261123C06850000",
        5,
        "strike_price",
        True,
    )
    assert [(f.column, f.value) for f in again.filters] == [("strike_price", 6800.0)]
