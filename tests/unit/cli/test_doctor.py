"""`marketswarm doctor`: what is wrong is found, with its fix, and the exit code says how bad it is."""

import json

from tests.support.free_ports import free_port


def verdicts(done) -> dict[str, str]:
    """Check → verdict of a run with --json."""
    return {check["check"]: check["verdict"] for check in json.loads(done.out)["checks"]}


def test_a_server_without_workers_fails(cli) -> None:
    """A server in order, and nobody at work on it: the server's checks pass, the workers' fail, each with a fix."""
    done = cli("doctor", "--json")
    found = verdicts(done)
    assert done.code == 1
    assert {found[name] for name in ("python", "settings", "server", "broker", "scripts", "calendar")} == {
        "ok"
    }
    assert {found[name] for name in ("workers", "streams", "heartbeat")} == {"fail"}
    assert all(check["fix"] for check in json.loads(done.out)["checks"] if check["verdict"] == "fail")


def test_before_the_first_run_all_is_well(cli, environment) -> None:
    """With no server known and none needed yet: nothing fails, what cannot be looked at is skipped."""
    environment.delenv("MARKETSWARM_REDIS_URL")
    environment.setenv("MARKETSWARM_FLOWER_PORT", str(free_port()))
    done = cli("doctor", "--json")
    assert done.code == 0
    assert verdicts(done)["server"] == "skip"


def test_an_unreachable_server_fails(cli, environment) -> None:
    """Nobody at the address: failed, and the password is not shown."""
    environment.setenv("MARKETSWARM_REDIS_URL", f"redis://:hidden@127.0.0.1:{free_port()}")
    done = cli("doctor")
    assert done.code == 1
    assert "hidden" not in done.out + done.err


def test_a_wrong_setting_fails_with_its_name(cli, environment) -> None:
    """A setting that cannot be used is a failed check that names it."""
    environment.setenv("MARKETSWARM_FLUSH_MS", "soon")
    done = cli("doctor", "--json")
    assert done.code == 1
    assert json.loads(done.out)["checks"][-1]["fix"] == "correct or unset MARKETSWARM_FLUSH_MS"


def test_authorities_that_cannot_be_read_fail_by_name(cli, environment) -> None:
    """Where the vendor is asked by TLS, a file of authorities that is not there is a failed check, and not the end of all checks."""
    environment.setenv("MASSIVE_API_KEY", "a-key-of-nobody")
    environment.setenv("MASSIVE_REST_URL", "https://127.0.0.1:1")
    environment.setenv("REQUESTS_CA_BUNDLE", "/there/is/none")
    done = cli("doctor", "--json")
    assert done.code == 1
    assert json.loads(done.out)["checks"][-1]["fix"] == "correct or unset REQUESTS_CA_BUNDLE"
