"""Which Celery command a command line names."""

from collections.abc import Sequence

# Celery's own options, before the command, that take their value as the next word.
_WITH_VALUE = frozenset(
    {"-A", "--app", "-b", "--broker", "--result-backend", "--loader", "--config", "--workdir"}
)


def command_of(words: Sequence[str]) -> str | None:
    """The first word that is neither an option nor an option's value; None when there is none."""
    rest = iter(words)
    for word in rest:
        if word in _WITH_VALUE:
            next(rest, None)
        elif not word.startswith("-"):
            return word
    return None
