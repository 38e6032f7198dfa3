"""How faults are begun and ended on the wire: by a plan, by hand, on the command line and over HTTP."""

import json
import signal
import subprocess
import sys
import time

import pytest
import requests

from marketswarm.errors import BadArgument
from tests.support.faulty_wire import CHAIN, ask, begin, ending, fault
from tests.support.raw_talk import RawTalk
from tests.support.simulator import running_simulator


def test_a_plan():
    """What `faults` says happens at its time, by itself, and again where it is repeated."""
    with running_simulator(symbols=("SPY",), faults=("cut@200ms/300ms", "http-5xx@0+1s")) as simulator:
        assert ask(simulator, "/v1/marketstatus/now").status_code == 503
        for _ in range(2):
            with RawTalk(simulator.ws + "/options") as talk:
                assert ending(talk) == ([], None)
        time.sleep(1)
        assert ask(simulator, "/v1/marketstatus/now").status_code == 200


@pytest.mark.processes
def test_a_plan_on_the_command_line():
    """`--faults` may be repeated; what begins is said on standard error, and standard output has the announcement alone."""
    command = [sys.executable, "-m", "marketswarm", "simulator", "--port", "0", "--symbols", "SPY", "--json"]
    command += ["--faults", "http-5xx:status=500", "--faults", "mute@0+1h"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        bases = json.loads(process.stdout.readline())
        assert requests.get(bases["rest"] + CHAIN + "?apiKey=k", timeout=5).status_code == 500
        assert requests.get(bases["rest"] + "/_faults", timeout=5).json() == {"at_work": ["http-5xx", "mute"]}
        process.send_signal(signal.SIGTERM)
        said, logged = process.communicate(timeout=20)
    assert said == ""
    assert "http-5xx" in logged


def test_what_excludes_another_is_refused(simulator):
    """Begun by hand, a fault that excludes one at work is refused with both names, and the one at work goes on."""
    with (
        fault(simulator, "refuse"),
        pytest.raises(BadArgument, match="refuse and half-open at the same time"),
    ):
        begin(simulator, "half-open")
    assert simulator.call(lambda: simulator.server.faults.at_work) == []


def test_the_switch_over_http(simulator):
    """Programs on this machine begin and end faults by `/_faults`, are told what is wrong, and browsers are not heard."""
    url = simulator.rest + "/_faults"
    assert requests.post(url, json={"begin": "http-5xx"}, timeout=5).json() == {"at_work": ["http-5xx"]}
    assert ask(simulator, CHAIN).status_code == 503
    assert requests.get(url, timeout=5).json() == {"at_work": ["http-5xx"]}
    assert requests.post(url, json={"end": "http-5xx"}, timeout=5).json() == {"at_work": []}
    for order, words in (
        ({"begin": "flood"}, "faults is 'flood'; allowed: latency, "),
        ({"end": "mute"}, "none is at work"),
        ({"start": "mute"}, '{"begin": "mute"}'),
        ([], '{"begin": "mute"}'),
        ({"begin": "mute@3"}, "without a moment"),
    ):
        refused = requests.post(url, json=order, timeout=5)
        assert refused.status_code == 400
        assert words in refused.json()["error"]
    for headers in ({"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}):
        assert requests.post(url, json={"begin": "mute"}, headers=headers, timeout=5).status_code == 404
    assert requests.post(url, data='{"begin": "mute"}', timeout=5).status_code == 404
    assert requests.get(url, timeout=5).json() == {"at_work": []}
