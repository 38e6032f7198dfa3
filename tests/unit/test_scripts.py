"""The Lua scripts as Python finds, joins and calls them."""

import pytest
from redis.exceptions import ResponseError

from marketswarm.errors import EpochChanged, ScriptRefused, WriterFenced
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
            [
                "chain:SPX:2026-11-23",
                "chainmeta:SPX:2026-11-23",
                "sse:chain-feed",
                "writertoken:SPX",
                "order",
            ],
            ["SPX", "2026-11-23", 7, 3, 1, 1],
        )


def called(redis, *keys):
    """Calls of `release`, each for one held key, under way."""
    running = script("release").begin(redis)
    for key in keys:
        running.send([([key], ["mine"])])
    return running


def test_answers_of_calls_under_way(redis):
    """They come in the order of the calls, by waiting or by looking again and again."""
    redis.mset({"a": "mine", "b": "another's", "c": "mine"})
    assert called(redis, "a", "b").answers() == [1, 0]

    running = called(redis, "b", "c")
    while not running.is_answered():
        pass
    assert running.answers() == [0, 1]


def test_a_script_that_the_server_forgot_is_sent_again(redis):
    """Only the calls that met the gap are made anew."""
    redis.script_flush()
    redis.set("a", "mine")

    assert called(redis, "a", "a").answers() == [1, 0]


def test_a_refusal_under_way_is_an_answer(redis):
    """As the error of its word, beside the answers of the others; the server's own errors are raised."""
    redis.set("writertoken:SPX", 4)
    keys = ["chain:SPX:2026-11-23", "chainmeta:SPX:2026-11-23", "sse:chain-feed", "writertoken:SPX", "order"]
    call = (keys, ["SPX", "2026-11-23", 7, 3, 1, 1])
    running = script("apply_updates").begin(redis)
    running.send([call])
    (refusal,) = running.answers()
    assert isinstance(refusal, WriterFenced)

    redis.lpush("a", "no text")
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        called(redis, "a").answers()


def test_connections_of_calls_come_back(redis):
    """One connection serves call after call, whatever became of them."""
    before = len(redis.client_list())
    for _ in range(5):
        called(redis, "a").answers()
    redis.lpush("a", "no text")
    for _ in range(5):
        with pytest.raises(ResponseError):
            called(redis, "a").answers()

    assert len(redis.client_list()) <= before + 1
