"""Words that Vexy never says: she tells what is, and advises nobody. Pure."""

import re
from typing import Final

_ADVICE: Final = (
    r"buy(s|ing|ers?)?",
    r"bought",
    r"sell(s|ing|ers?)?",
    r"sold",
    r"should(n't)?",
    r"must",
    r"ought",
    r"needs? to",
    r"ha(ve|s) to",
    r"recommend\w*",
    r"advis\w*",
    r"advice",
    r"suggest(s|ed)? (buying|selling|a (buy|sell|trade))",
    r"consider\w*",
    r"go (long|short)",
    r"take (a )?(profits?|positions?|loss(es)?)",
    r"stop[- ]loss",
    r"invest\w*",
    r"opportunit\w+",
    r"bargains?",
    r"guarantee\w*",
    r"certain(ly)?",
    r"will",
    r"you(r|rs)?",
    r"enter (a |the )?(trade|position)",
    r"exit (a |the )?(trade|position)",
)
_FORBIDDEN: Final = re.compile(rf"\b({'|'.join(_ADVICE)})\b", re.IGNORECASE)
_MARKUP: Final = re.compile(r"[<>{}]")


def forbidden_in(text: str) -> tuple[str, ...]:
    """Each word of advice, promise or address in a text, and each sign of markup."""
    return tuple(one.group(0) for one in (*_FORBIDDEN.finditer(text), *_MARKUP.finditer(text)))
