"""`marketswarm events`: the last ones, those that follow, and a server that goes away meanwhile."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from queue import Queue
from threading import Thread

import pytest
from redis import Redis

from marketswarm.keys import VEXY_MESSAGES
from tests.support.free_ports import free_port
from tests.support.gateway_documents import message_document
from tests.support.valkey import running_valkey
from tests.support.vigil_documents import event_json, parsed, tell

WAIT_S = 20


class Following:
    """A running `marketswarm events --follow`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lines: Queue[str] = Queue()
        for pipe in (process.stdout, process.stderr):
            Thread(target=self._read, args=(pipe,), daemon=True).start()

    def _read(self, pipe) -> None:
        for line in pipe:
            self._lines.put(line)

    def line_with(self, part: str) -> str:
        """The next line that holds it, within reason."""
        while part not in (line := self._lines.get(timeout=WAIT_S)):
            pass
        return line

    def interrupt(self) -> int:
        """Ctrl-C; the exit code."""
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(WAIT_S)


@contextmanager
def following(*words: str, **variables: str) -> Iterator[Following]:
    """The command on a terminal's other side."""
    arguments = [sys.executable, "-m", "marketswarm", "events", "--follow", *words]
    with subprocess.Popen(
        arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"} | variables,
    ) as process:
        try:
            yield Following(process)
        finally:
            process.kill()


def test_the_last_events_are_lines(cli, redis):
    """Titles, the day, and one line an event, oldest first."""
    tell(redis, title="first")
    tell(redis, title="second")
    done = cli("events")
    assert done.code == 0
    titles, day, one, two = done.out.splitlines()
    assert titles.split() == ["New", "York", "symbol", "importance", "sev", "state", "event"]
    assert day == "Monday 2026-11-23"
    assert ("first" in one, "second" in two) == (True, True)
    assert "\x1b" not in done.out


def test_documents_are_given_as_stored(cli, redis):
    """--json: one document a line, with the bytes that stand in the stream."""
    tell(redis, id="one")
    tell(redis, id="two")
    assert cli("events", "--json").out.splitlines() == [event_json(id="one"), event_json(id="two")]


def test_events_are_chosen(cli, redis):
    """By symbol in any case, by type, and the last N of those."""
    for number in range(3):
        tell(redis, id=f"jump {number}")
        tell(redis, id=f"drift {number}", type="drift")
    tell(redis, id="other", symbol="SPY")
    done = cli("events", "--json", "--symbol", "spx", "--type", "drift", "--last", "2")
    assert [parsed(line)["id"] for line in done.out.splitlines()] == ["drift 1", "drift 2"]
    assert done.err == ""


def say(redis, **more):
    """Put a message into its stream."""
    told_ms = int(
        redis.xadd(VEXY_MESSAGES, {"message": json.dumps(message_document(**more))}).partition(b"-")[0]
    )
    while redis.time()[0] * 1000 + redis.time()[1] // 1000 <= told_ms:
        pass  # what two streams hold has an order only beyond a millisecond


def test_messages_stand_beside_events(cli, redis):
    """In the order in which they were told; each stream alone when asked for."""
    say(redis, title="from Vexy")
    tell(redis, title="from Vigil")
    shown = cli("events").out
    assert shown.index("from Vexy") < shown.index("from Vigil")
    assert "from Vexy" not in cli("events", "--events-only").out
    assert "from Vigil" not in cli("events", "--messages-only").out
    assert "SPX -7.4 in 10 s." in cli("events", "--messages-only", "--detail", "professional").out


def test_messages_are_given_as_stored(cli, redis):
    """--json: a line each, beside the events."""
    say(redis)
    tell(redis, id="one")
    assert [parsed(line)["id"] for line in cli("events", "--json").out.splitlines()] == ["m-1", "one"]


def test_messages_are_chosen(cli, redis):
    """By a symbol that they are about; a type is one of an event."""
    say(redis, id="a", symbols=["SPX", "SPY"])
    say(redis, id="b", symbols=["SPY"])
    tell(redis, id="c")
    assert [parsed(line)["id"] for line in cli("events", "--json", "--symbol", "SPX").out.splitlines()] == [
        "a",
        "c",
    ]
    assert [
        parsed(line)["id"] for line in cli("events", "--json", "--type", "spot_jump").out.splitlines()
    ] == ["c"]
    done = cli("events", "--events-only", "--messages-only")
    assert (done.code, done.out) == (2, "")
    assert "--events-only and --messages-only" in done.err
    done = cli("events", "--messages-only", "--type", "drift")
    assert (done.code, "exclude each other" in done.err) == (2, True)


def test_messages_are_followed(redis, environment):
    """As they come; of the stream that is not shown, nothing."""
    say(redis, id="m-1")
    with following("--json", "--messages-only") as program:
        program.line_with('"m-1"')
        tell(redis, id="an event")
        say(redis, id="m-2")
        assert '"m-2"' in program.line_with("{")
        assert program.interrupt() == 0


def test_nothing_told_is_no_error(cli):
    """Exit code 0, and a word for people."""
    done = cli("events", "--json")
    assert (done.code, done.out) == (0, "")
    assert "nothing is told yet" in done.err


@pytest.mark.parametrize(
    "words", [("--type", "rumour"), ("--last", "-1"), ("--last", "x"), ("SPX",), ("--detail", "all")]
)
def test_wrong_use_is_two(cli, words):
    """An unknown type, an impossible number or a word too many: exit code 2."""
    assert cli("events", *words).code == 2


def test_what_is_told_is_followed(cli, redis, environment):
    """First the last ones, then each as it comes, by the same choice; Ctrl-C ends it with exit code 0."""
    tell(redis, title="before")
    with following("--symbol", "SPX") as program:
        assert "before" in program.line_with("10:00:10")
        tell(redis, title="elsewhere", symbol="SPY")
        tell(redis, title="after")
        assert "after" in program.line_with("10:00:10")
        assert program.interrupt() == 0


def test_a_restart_of_the_server_is_survived(environment):
    """While the server is away that is said once; what the new one tells is shown."""
    port = free_port()
    with ExitStack() as first:
        url = first.enter_context(running_valkey(port=port))
        tell(Redis.from_url(url), id="before")
        with following("--json", MARKETSWARM_REDIS_URL=url) as program:
            program.line_with('"before"')
            first.close()
            program.line_with("waiting for it")
            with running_valkey(port=port) as again:
                tell(Redis.from_url(again), id="after")
                program.line_with('"after"')
                assert program.interrupt() == 0
