"""The contract and its canonical JSON."""

import json
import math
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from marketswarm.model.contract import (
    SECTIONS,
    Contract,
    Day,
    Greeks,
    Quote,
    Trade,
    members_text,
    mid_price,
    number_text,
    section_body,
    value_text,
)

TS = 1_795_449_600_123
IDENTITY: dict[str, Any] = {
    "ticker": "O:SPXW261123C06800000",
    "symbol": "SPX",
    "root": "SPXW",
    "expiration": date(2026, 11, 23),
    "strike": 6800.0,
    "type": "call",
    "style": "european",
    "multiplier": 100,
}
WHOLE = (
    '{"ticker":"O:SPXW261123C06800000","symbol":"SPX","root":"SPXW","expiration":"2026-11-23","strike":6800,'
    '"type":"call","style":"european","multiplier":100,"open_interest":4501,"v":17,"ts":1795449600123,'
    '"quote":{"bid":1.6,"ask":1.65,"mid":1.625,"bid_size":123,"ask_size":37,"ts":1795449600123},'
    '"trade":{"price":1.65,"size":1,"exchange":302,"ts":1795449599871},'
    '"day":{"open":3.3,"high":3.5,"low":1.35,"close":1.7,"volume":1204,"vwap":2.5245,"previous_close":1.35,'
    '"change":0.35,"change_percent":25.926},'
    '"greeks":{"iv":0.1612,"delta":0.1747,"gamma":0.0152,"theta":-5.99,"vega":0.386,"source":"local","ts":1795449600123}}'
)
PRICES = st.floats(0, 1e6, allow_nan=False).map(lambda price: round(price, 4))
NUMBERS = st.one_of(st.integers(-(10**15), 10**15), st.floats(allow_nan=False, allow_infinity=False))


def contract(**given: Any) -> Contract:
    """A contract with the given fields beside its identity."""
    return Contract(**({"ts": TS} | IDENTITY | given))


def test_the_canonical_form_of_a_whole_contract() -> None:
    """Identity first, then `v` and `ts`, then the four sections, each in its order, numbers in their shortest form."""
    assert Contract.model_validate_json(WHOLE).canonical_json() == WHOLE


def test_what_is_unknown_is_left_out() -> None:
    """A contract without sections has none: not null, not 0, not an empty one."""
    stored = contract(day=Day()).canonical_json()
    assert stored.endswith(f'"multiplier":100,"v":1,"ts":{TS}}}')
    assert not any(name in stored for name in (*SECTIONS, "null", "open_interest"))


def test_zero_is_known() -> None:
    """A bid of 0 and an open interest of 0 are values."""
    stored = contract(open_interest=0, quote=Quote(bid=0, ask=0.05, ts=TS)).canonical_json()
    assert '"open_interest":0,' in stored
    assert f'"quote":{{"bid":0,"ask":0.05,"ts":{TS}}}' in stored


@given(
    quote=st.none()
    | st.builds(Quote, bid=PRICES, ask=PRICES, bid_size=st.none() | st.integers(0, 10**6), ts=st.just(TS)),
    trade=st.none() | st.builds(Trade, price=PRICES, size=st.integers(1, 10**6), ts=st.just(TS)),
    day=st.none() | st.builds(Day, open=PRICES, volume=st.integers(0, 10**9), ts=st.just(TS)),
    greeks=st.none()
    | st.builds(Greeks, iv=PRICES, delta=NUMBERS, source=st.just("provider"), ts=st.just(TS)),
    strike=st.integers(1, 10**8).map(lambda thousandths: thousandths / 1000),
)
def test_the_stored_form_reads_back_whole(strike: float, **sections: Any) -> None:
    """What is stored is JSON that gives the same contract again, byte for byte, with sections flat and nothing null."""
    stored = contract(strike=strike, **sections).canonical_json()
    assert Contract.model_validate_json(stored).canonical_json() == stored
    assert "null" not in stored
    assert stored.count("{") == 1 + sum(section is not None for section in sections.values())
    assert list(json.loads(stored)) == [name for name in Contract.model_fields if name in json.loads(stored)]


@given(NUMBERS)
@example(1e-07)
@example(1e22)
@example(-0.0)
def test_a_number_reads_back_as_the_same_number(number: float) -> None:
    """Numbers keep every digit, and whole ones are written without a point."""
    text = number_text(number)
    assert json.loads(text) == number
    assert not text.endswith(".0")
    assert "," not in text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.5e-05, "0.000015"),
        (-1.2345678e-05, "-0.000012345678"),
        (1e-12, "0.000000000001"),
        (9e-13, "9e-13"),
        (0.0001, "0.0001"),
        (1e22, "1e+22"),
    ],
)
def test_small_numbers_have_no_exponent(number: float, text: str) -> None:
    """Down to 1e-12 all digits stand behind the point."""
    assert number_text(number) == text


def test_scalars_of_every_kind() -> None:
    """Text is quoted and escaped, a date is its ISO form, and what is None is left out of a list of members."""
    assert value_text('a "b"') == '"a \\"b\\""'
    assert value_text(date(2026, 11, 23)) == '"2026-11-23"'
    assert members_text([("a", 1.0), ("b", None), ("c", "x")]) == '"a":1,"c":"x"'
    assert section_body(Trade(price=1.5, ts=TS)) == f'"price":1.5,"ts":{TS}'


@pytest.mark.parametrize(
    ("bid", "ask", "mid"),
    [
        (1.6, 1.65, 1.625),
        (0, 0.05, 0.025),
        (2, 2, 2),
        (0.1, 0.2, 0.15),
        (None, 1.65, None),
        (1.6, None, None),
        (0, 0, None),
        (1.7, 1.65, None),
        (-0.1, 1.65, None),
    ],
)
def test_the_mid_price(bid: float | None, ask: float | None, mid: float | None) -> None:
    """The mid is half-way, and unknown when a side is missing, nobody offers, or the market is crossed."""
    assert mid_price(bid, ask) == mid


@pytest.mark.parametrize(
    "wrong",
    [
        {"strike": math.nan},
        {"open_interest": math.inf},
        {"type": "straddle"},
        {"expiration": "someday"},
        {"colour": "red"},
        {"quote": {"bid": 1}},
        {"greeks": {"source": "guess", "ts": TS}},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_contract_is_closed(wrong: dict[str, Any]) -> None:
    """Numbers that are none, unknown fields and sections without a time are refused."""
    with pytest.raises(ValidationError):
        contract(**wrong)


def test_a_contract_is_frozen() -> None:
    """Nobody changes a contract; a new one is made."""
    with pytest.raises(ValidationError, match="frozen"):
        contract().v = 2  # type: ignore[misc]
