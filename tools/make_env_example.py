"""Write .env.example: every setting with its description and its default, from the settings themselves."""

from pathlib import Path
from textwrap import wrap

from pydantic.fields import FieldInfo

from marketswarm.settings import Settings, masked

TARGET = Path(__file__).parents[1] / ".env.example"

HEAD = """\
# Made by tools/make_env_example.py from the settings: do not edit.
# Copy it to .env and take the # off what you want to change. An empty value counts as unset.

# For `docker compose` only: sim starts the simulator and points the workers at it.
#COMPOSE_PROFILES=sim
"""


def env_example() -> str:
    """The whole file."""
    return "\n".join([HEAD, *(entry(field) for field in Settings.model_fields.values())])


def entry(field: FieldInfo) -> str:
    """One setting: its description as comments, and its default behind a #; nothing where it is empty or made at start."""
    words = "\n".join(f"# {line}" for line in wrap(field.description or "", 100))
    default = masked(field.default) if field.default_factory is None else ""
    return f"{words}\n#{field.alias}={default}\n"


def main() -> None:
    """Write the file."""
    TARGET.write_text(env_example(), encoding="utf-8")


if __name__ == "__main__":
    main()
