"""The vendor's shapes as declared."""

import msgspec
import pytest

from marketswarm.massive import wire
from marketswarm.model.update import BarUpdate, QuoteUpdate, TradeUpdate
from tests.unit.massive.builders import bar_event, frame, quote_event, trade_event


@pytest.mark.parametrize(
    ("event", "shape", "update"),
    [
        (quote_event(), wire.QuoteEvent, QuoteUpdate),
        (trade_event(), wire.TradeEvent, TradeUpdate),
        (bar_event(), wire.SecondBarEvent, BarUpdate),
        (bar_event(ev="AM"), wire.MinuteBarEvent, BarUpdate),
    ],
    ids=lambda value: value.get("ev") if isinstance(value, dict) else None,
)
def test_an_event_is_an_update(event, shape, update):
    """Every streamed event is already an update of the model: nothing is copied between the two."""
    (decoded,) = msgspec.json.decode(frame(event), type=list[wire.DataEvent])

    assert type(decoded) is shape
    assert isinstance(decoded, update)


@pytest.mark.parametrize("shape", [wire.QuoteEvent, wire.TradeEvent, wire.SecondBarEvent])
def test_every_field_of_the_update_has_a_vendor_name(shape):
    """No field of an update is left under its own name: the vendor would never fill it."""
    assert not set(shape.__struct_fields__) & set(shape.__struct_encode_fields__)


def test_kinds_are_the_tags():
    """The kinds that count as known are exactly the tags of the shapes."""
    tags = {shape.__struct_config__.tag for shape in (*wire.DataEvent.__args__, wire.StatusEvent)}

    assert tags == wire.EVENT_KINDS


def test_bid_and_ask_of_a_stock_differ_by_case():
    """In the stocks snapshot `p` is the bid and `P` the ask."""
    quote = msgspec.json.decode(b'{"p":20.5,"P":20.6,"t":1605192959994246100}', type=wire.StockQuote)

    assert (quote.bid, quote.ask) == (20.5, 20.6)
