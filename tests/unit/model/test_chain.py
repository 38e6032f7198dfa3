"""A chain's name, and what is said of a window that is too narrow."""

from dataclasses import replace

from marketswarm.model.chain import ChainMeta, shrink_notice
from tests.support.builders import SPX

META = ChainMeta(SPX, 7, 9, "live", 6801.5, 6800, 6780, 6820, 202, 1, 2, "sim")


def test_a_notice_says_what_to_change():
    """Only a chain that got less is told of, with all that gives it more."""
    assert shrink_notice(50, 50) == ""
    notice = shrink_notice(50, 30)

    assert notice.startswith("±30 strikes of ±50: ")
    for setting in ("MARKETSWARM_SYMBOLS", "MARKETSWARM_EXPIRATIONS", "MARKETSWARM_CONNECTIONS"):
        assert setting in notice


def test_a_stored_chain_carries_its_notice():
    """What is unknown of it is no lack."""
    assert META.notice == ""
    assert replace(META, strikes_asked=50, strikes_each_side=30).notice == shrink_notice(50, 30)


def test_a_chain_is_named_by_symbol_and_day():
    """As log lines and errors show it."""
    assert str(SPX) == "SPX 2026-11-23"
