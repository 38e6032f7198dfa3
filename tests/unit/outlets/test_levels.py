"""Levels as they are read: values, reasons, and what all of them say alike."""

import pytest
from redis import Redis

from marketswarm.errors import StoreUnavailable
from marketswarm.keys import vigil_levels
from marketswarm.outlets.levels import Levels, StoredLevels
from tests.support.vigil_documents import TS, absent, all_levels, field, publish


def made(**more) -> Levels:
    """Every level, some of them others."""
    return Levels("SPX", all_levels(**more))


def test_what_is_published_is_read(redis):
    """All fields of the hash, parsed."""
    publish(redis)
    found = StoredLevels(redis, "test").read("SPX")
    assert found == made()


def test_nothing_published_is_none(redis):
    """Nothing of a symbol, or nothing that can be read."""
    assert StoredLevels(redis, "test").read("SPX") is None
    redis.hset(vigil_levels("SPX"), mapping={"flip": "{torn", "spot": "1"})
    assert StoredLevels(redis, "test").read("SPX") is None


def test_a_field_that_cannot_be_read_costs_itself(redis):
    """The others are there."""
    publish(redis)
    redis.hset(vigil_levels("SPX"), "flip", "{torn")
    found = StoredLevels(redis, "test").read("SPX")
    assert found.number("flip") is None
    assert found.why_absent("flip") == "not-published"
    assert found.number("net_gamma") == -2.57e8


def test_values_members_and_reasons():
    """A number, a member of a value, rows, and why there is none."""
    levels = made(flip=absent("no-crossing"))
    assert levels.number("max_pain") == 6795
    assert levels.number("call_wall", "strike") == 6820
    assert levels.number("call_wall") is None
    assert levels.value("clusters")[0]["kind"] == "pin"
    assert len(levels.rows("gamma_by_strike")) == 9
    assert (levels.number("flip"), levels.rows("flip"), levels.why_absent("flip")) == (
        None,
        [],
        "no-crossing",
    )


def test_what_all_say_alike():
    """Spot and its time, expiration, coverage, sign model and newest quote."""
    levels = made()
    assert (levels.spot, levels.as_of, levels.quoted_ms) == (6801.5, TS, TS - 400)
    assert (levels.expiration, levels.coverage, levels.sign_model) == ("2026-11-23", 0.97, "naive")
    assert (levels.degraded, levels.why_no_chain) == (None, None)
    assert (levels.chain_state, levels.note) == ("live", None)
    assert levels.age_ms(TS + 1500) == 1500


def test_without_a_chain_there_is_a_reason():
    """Spot is known, and nothing of the chain."""
    levels = Levels("SPX", {"spot": all_levels()["spot"], "quality": absent("no-chain")})
    assert (levels.spot, levels.expiration, levels.coverage) == (6801.5, None, None)
    assert levels.why_no_chain == "no-chain"
    assert levels.regime_word() == ""


@pytest.mark.parametrize(
    ("regime", "word"),
    [(0.1, "positive"), (0.09, "neutral"), (0, "neutral"), (-0.09, "neutral"), (-0.1, "negative")],
)
def test_a_regime_has_a_word(regime, word):
    """From a tenth of the gross exposure on."""
    assert made(regime=field(regime, "share")).regime_word() == word


def test_the_document_holds_levels_as_they_are_stored():
    """With what is said of all of them beside it; what is unknown is left out."""
    document = made(net_gamma=field(1.0, degraded="stale-quotes")).document(TS + 2000)
    assert document.pop("levels")["gamma_profile"] == all_levels()["gamma_profile"]
    assert document == {
        "symbol": "SPX",
        "expiration": "2026-11-23",
        "spot": 6801.5,
        "as_of": TS,
        "age_ms": 2000,
        "chain_state": "live",
        "coverage": 0.97,
        "degraded": "stale-quotes",
        "sign_model": "naive",
    }
    assert list(Levels("SPX", {"quality": absent("no-chain")}).document(TS)) == ["symbol", "levels"]


def test_a_server_that_is_away_is_named():
    """By the project's own error."""
    with pytest.raises(StoreUnavailable):
        StoredLevels(Redis.from_url("redis://127.0.0.1:1"), "127.0.0.1:1").read("SPX")
