"""The script that ours is measured beside: it writes what ours writes of a section, and nothing around it."""

import json
from pathlib import Path

from marketswarm.chain.patches import quote_patch
from marketswarm.model.update import QuoteUpdate
from tests.support.builders import contract

SOURCE = (Path(__file__).parents[2] / "benchmarks" / "bare_splice.lua").read_text(encoding="utf-8")


def test_it_cuts_sections_in_and_tells_the_feed(any_redis):
    """Every other byte stays; `seq` counts batches."""
    whole = contract(6800)
    any_redis.hset("chain", whole.ticker, whole.canonical_json())
    quote = QuoteUpdate(whole.ticker, 1_795_449_600_123, 1.75, 1.85, 7, 12, 9)
    bare = any_redis.register_script(SOURCE)
    for seq in (1, 2):
        assert bare(["chain", "meta", "feed"], [5, whole.ticker, ',"quote":{', quote_patch(quote)]) == seq
    stored = json.loads(any_redis.hget("chain", whole.ticker))
    assert stored["quote"] == json.loads("{" + quote_patch(quote) + "}")
    assert {**stored, "quote": None} == {**json.loads(whole.canonical_json()), "quote": None}
    told = [json.loads(entry[b"updates"]) for _, entry in any_redis.xrange("feed")]
    assert told == [{whole.ticker: {"quote": stored["quote"]}}] * 2
