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
