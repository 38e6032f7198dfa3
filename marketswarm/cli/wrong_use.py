"""Wrong use in the house's one line: what was given, its value, and what is allowed.

click tells neither the value nor the range as data, so the words are parsed once more, by click itself.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import Any, Final

import rich_click as click
from click.exceptions import NoSuchCommand, NoSuchOption

from marketswarm.bounds import range_words
from marketswarm.errors import BadArgument

WORDS: Final = "marketswarm.words"
"""Where a group leaves the words of the command that it calls, in click's `Context.meta`."""

_A_DATE: Final = "a date such as 2026-11-27"


def wrong_use(error: click.ClickException) -> str:
    """One line for an error of click's; its own words where they name what is wrong already."""
    if isinstance(error, NoSuchOption) and error.ctx is not None:
        known = [name for one in error.ctx.command.get_params(error.ctx) for name in _names(one)]
        return _nearest(error.message, error.option_name, known)
    if isinstance(error, NoSuchCommand):
        return " ".join(error.format_message().split())
    if isinstance(error, click.BadParameter) and not isinstance(error, click.MissingParameter):
        given = _given(error)
        allowed = _allowed(error.param.type, given) if error.param is not None else ""
        if given is not None and allowed:
            return str(BadArgument(_name(error), given, allowed))
    return " ".join(error.format_message().split())


def _nearest(message: str, name: str, known: Sequence[str]) -> str:
    """The message, and the name most like the one that there is not."""
    like = get_close_matches(name, known, n=1)
    return f"{message} Did you mean {like[0]!r}?" if like else message


def _names(one: click.Parameter) -> Sequence[str]:
    """What an option is called on the command line; an argument has no such name, a hidden option tells none."""
    return [*one.opts, *one.secondary_opts] if isinstance(one, click.Option) and not one.hidden else []


def _name(error: click.BadParameter) -> str:
    """`--strikes`, or `SYMBOL`."""
    assert error.param is not None
    if isinstance(error.param, click.Option):
        return max(error.param.opts, key=len)
    return str(error.param.human_readable_name)


def _given(error: click.BadParameter) -> str | None:
    """The value that does not fit; None when it is not on the command line, so a default or unknown."""
    if error.ctx is None or error.param is None:
        return None
    words = list(error.ctx.meta.get(WORDS, ()))
    given, _, _ = error.ctx.command.make_parser(error.ctx).parse_args(words)
    values = list(_flat(given.get(str(error.param.name))))
    return next((value for value in values if not _fits(error, value)), None)


def _flat(values: Any) -> Iterator[str]:
    """One value, several, or pairs of them, each for itself."""
    if isinstance(values, str):
        yield values
    elif isinstance(values, (list, tuple)):
        for value in values:
            yield from _flat(value)


def _fits(error: click.BadParameter, value: str) -> bool:
    assert error.param is not None
    with suppress(click.UsageError):
        error.param.type.convert(value, error.param, error.ctx)
        return True
    return False


def _allowed(kind: Any, given: str | None) -> str:
    """What a value of that type may be; empty where click's own words say it better."""
    if isinstance(kind, click.Choice):
        return ", ".join(map(str, kind.choices))
    if isinstance(kind, click.DateTime):
        return _A_DATE
    if isinstance(kind, (click.IntRange, click.FloatRange)):
        words = range_words(kind.min, kind.max, whole=isinstance(kind, click.IntRange), above=kind.min_open)
        return words.removeprefix("a whole number, ") if _is_whole(given) else words
    return {"integer": "a whole number", "float": "a number"}.get(getattr(kind, "name", ""), "")


def _is_whole(text: str | None) -> bool:
    """Then nobody has to be told that a whole number is wanted."""
    return (text or "").removeprefix("-").isdecimal()
