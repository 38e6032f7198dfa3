"""The Lua scripts as Python finds, joins and calls them."""

import pytest
from redis.exceptions import ResponseError

from marketswarm.errors import EpochChanged, ScriptRefused
from marketswarm.scripts import script, script_folder, script_names


def test_every_script_is_found_by_name():
    """Names are the file names; fragments are not scripts."""
    assert {"apply_updates", "commit_chain", "publish_spot"} <= set(script_names())
    assert "contract" not in script_names()
    assert (script_folder() / "include" / "contract.lua").is_file()


def test_includes_are_joined():
    """The joined source holds the fragment and no word of including."""
    source = script("apply_updates").source

    assert "local function compare_whole" in source
    assert "@include" not in source


def test_the_sha_is_the_servers_own(redis):
    """What we call by sha is what the server loads."""
    for name in script_names():
        assert redis.script_load(script(name).source) == script(name).sha


def test_a_refusal_becomes_the_error_of_its_word():
    """A known word has its class; another word of the script is a plain refusal; the server's own errors stay."""
    lua = script("apply_updates")

    assert isinstance(lua.refusal(ResponseError("EPOCH the chain is at 8")), EpochChanged)
    plain = lua.refusal(ResponseError("BADCOUNT 3 words"))
    assert type(plain) is ScriptRefused
    assert str(plain) == "apply_updates refused: BADCOUNT 3 words"
    wrong = ResponseError("WRONGTYPE Operation against a key")
    assert lua.refusal(wrong) is wrong


def test_a_wrong_type_of_key_is_not_mistaken_for_a_refusal(redis):
    """A foreign key under our name surfaces as the server's error."""
    redis.set("chainmeta:SPX:2026-11-23", "not a hash")
    redis.set("writertoken:SPX", 3)

    with pytest.raises(ResponseError, match="WRONGTYPE"):
        script("apply_updates").run(
            redis,
            ["chain:SPX:2026-11-23", "chainmeta:SPX:2026-11-23", "sse:chain-feed", "writertoken:SPX", "order"],
            ["SPX", "2026-11-23", 7, 3, 1, 1],
        )
