"""`marketswarm config show`: every setting, where it comes from, and never a secret."""

import json

from marketswarm.settings import Settings


def test_settings_with_their_source_and_no_secret(cli, environment, tmp_path) -> None:
    """Every setting once, with where it comes from; keys, tokens and passwords are stars."""
    environment.setenv("MASSIVE_API_KEY", "hidden-key")
    environment.setenv("MARKETSWARM_API_TOKEN", "hidden-token-of-16")
    environment.setenv("MARKETSWARM_REDIS_URL", "redis://user:hidden-word@127.0.0.1:1/0")
    (tmp_path / ".env").write_text("MARKETSWARM_FLUSH_MS=75\n")
    done = cli("config", "show", "--json")
    shown = {row["variable"]: row for row in json.loads(done.out)["settings"]}
    assert done.code == 0
    assert shown.keys() == {field.alias for field in Settings.model_fields.values()}
    assert [shown["MARKETSWARM_FLUSH_MS"][name] for name in ("value", "source")] == ["75", ".env"]
    assert shown["MARKETSWARM_SYMBOLS"]["source"] == "environment"
    assert shown["MARKETSWARM_HTTP_PORT"]["source"] == "default"
    assert shown["MASSIVE_API_KEY"]["value"] == "********"
    assert "hidden" not in done.out + cli("config", "show").out


def test_lines_fit_a_usual_window(cli, environment) -> None:
    """At 80 columns each variable, its value and its source are on one line, what it means below."""
    environment.setenv("COLUMNS", "80")
    lines = [line.rstrip() for line in cli("config", "show").out.splitlines()]
    at = next(at for at, line in enumerate(lines) if line.startswith("MARKETSWARM_FLUSH_MS"))
    assert lines[at].split() == ["MARKETSWARM_FLUSH_MS", "50", "(default)"]
    assert lines[at + 1].startswith("    conflation window")
    assert all(len(line) <= 80 for line in lines if line.startswith(" "))


def test_the_simulator_s_key_is_no_secret(cli, environment) -> None:
    """The word that stands for a key on the simulator is shown."""
    environment.setenv("MASSIVE_API_KEY", "simulator")
    rows = json.loads(cli("config", "show", "--json").out)["settings"]
    assert next(row["value"] for row in rows if row["variable"] == "MASSIVE_API_KEY") == "simulator"
