"""The Celery app as its doors find it."""

import os
import socket
import subprocess
import sys

import pytest


def celery(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run `celery -A marketswarm …` with these settings only."""
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("MASSIVE_", "MARKETSWARM_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "celery", "-A", "marketswarm", *arguments],
        env=clean | {"MARKETSWARM_REDIS_URL": "redis://127.0.0.1:1/0"} | env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_worker_knows_the_option_of_the_streams():
    """`--streams` is an option of the worker."""
    assert "--streams" in celery("worker", "--help").stdout


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("MARKETSWARM_SYMBOLS", "SPX,,SPY", "MARKETSWARM_SYMBOLS is 'SPX,,SPY'; allowed: symbols like SPX"),
        ("MARKETSWARM_STRIKES_EACH_SIDE", "-5", "MARKETSWARM_STRIKES_EACH_SIDE is '-5'; allowed: "),
        (
            "MASSIVE_REST_URL",
            "http://example.com",
            "MASSIVE_REST_URL is 'http://example.com'; allowed: https://",
        ),
    ],
)
def test_a_wrong_setting_is_one_line(variable, value, words):
    """A door with a wrong setting ends with one line that names it, and no traceback."""
    done = celery("report", **{variable: value})

    assert done.returncode != 0
    assert done.stderr.strip().startswith(f"marketswarm: {words}")
    assert "\n" not in done.stderr.strip()


def test_tasks_have_their_public_names():
    """What Flower lists and users call."""
    code = "from marketswarm import celery as app; app.loader.import_default_modules(); print(*sorted(app.tasks))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"MARKETSWARM_REDIS_URL": "redis://127.0.0.1:1/0"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    ours = [name for name in done.stdout.split() if not name.startswith("celery.")]
    assert ours == [
        "chain.attend",
        "chain.audit",
        "chain.extend",
        "chain.load",
        "chain.poll",
        "chain.reload",
        "chain.roll",
        "plan.probe",
        "spot.snapshot",
        "vexy.epoch",
        "vexy.speak",
        "vigil.evaluate",
    ]


def test_a_flower_whose_port_is_taken_is_one_line():
    """The line names the port and the variable that moves it; asking for help needs no port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = celery("flower", MARKETSWARM_FLOWER_PORT=str(port))
        helped = celery("flower", "--help", MARKETSWARM_FLOWER_PORT=str(port))

    assert done.returncode != 0
    assert (
        done.stderr.strip()
        == f"marketswarm: flower: port {port} is in use; set MARKETSWARM_FLOWER_PORT to a free one"
    )
    assert helped.returncode == 0
