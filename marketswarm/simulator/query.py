"""List queries: range filters, order, limit, and cursors that carry all of it to the next page."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal
from urllib.parse import parse_qsl, urlencode

from marketswarm.simulator.answers import bad_query
from marketswarm.simulator.hours import midnight_ms

Operator = Literal["eq", "gte", "gt", "lte", "lt"]
_MOST_ROWS = 50_000
_RANGES: tuple[Operator, ...] = ("gte", "gt", "lte", "lt")
_TRUE, _FALSE = {"1", "t", "T", "true", "TRUE", "True"}, {"0", "f", "F", "false", "FALSE", "False"}


def as_number(text: str) -> float:
    """A float, or 400."""
    try:
        return float(text)
    except ValueError:
        raise bad_query(f'strconv.ParseFloat: parsing "{text}": invalid syntax') from None


def as_date(text: str) -> str:
    """An ISO date, which sorts as text, or 400."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise bad_query(f'parsing time "{text}" as "2006-01-02": cannot parse') from None


def as_moment(text: str) -> int:
    """Nanoseconds: given as such, as an ISO date in New York, or as a moment in ISO; or 400."""
    if text.isdecimal():
        return int(text)
    try:
        if len(text) == len("2006-01-02"):
            return midnight_ms(date.fromisoformat(text)) * 1_000_000
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise bad_query(f'parsing time "{text}" as "2006-01-02": cannot parse') from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000) * 1_000_000


def as_one_of(key: str, *allowed: str) -> Callable[[str], str]:
    """A reader of one of a few words, or 400. `key` is how the refusal calls it: `OptionsChainQueryParam.ContractType`."""
    owner, _, name = key.partition(".")

    def read(text: str) -> str:
        if text not in allowed:
            raise _invalid(owner, name, "oneof")
        return text

    return read


def as_text(text: str) -> str:
    """Text as it is."""
    return text


def as_bool(text: str) -> bool:
    """A flag, or 400."""
    if text not in _TRUE | _FALSE:
        raise bad_query(f'strconv.ParseBool: parsing "{text}": invalid syntax')
    return text in _TRUE


Reader = Callable[[str], str] | Callable[[str], float] | Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Shape:
    """What one endpoint understands.

    Attributes:
        name: how its refusals call it.
        filters: column → how its values are read.
        sorts: columns it can sort by, the usual one first.
        most: largest page.
        usual: rows of a page where nothing is said.
        order: the usual order.
    """

    name: str
    filters: Mapping[str, Reader]
    sorts: tuple[str, ...]
    most: int
    usual: int = 10
    order: Literal["asc", "desc"] = "asc"


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition on a column."""

    column: str
    operator: Operator
    value: str | float


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A list query as it was understood.

    Attributes:
        limit: rows of a page as asked for.
        page: rows that a page really gets, which may be fewer.
        after: ticker of the last row of the page before; None on the first page.
    """

    filters: tuple[Filter, ...]
    sort: str
    descending: bool
    limit: int
    page: int
    after: str | None
    spoken: Mapping[str, str]

    def after_numbers(self) -> tuple[int, int]:
        """Marker and tie of the cursor where both are numbers, or 400."""
        texts = (self.spoken.get("ap", ""), self.spoken.get("as", "") or "0")
        if not all(text.isascii() and text.isdecimal() for text in texts):
            raise bad_query("invalid cursor")
        return int(texts[0]), int(texts[1])

    def cursor(self, after_value: str, after_ticker: str) -> str:
        """The opaque word that asks for the page behind a row."""
        tie = "" if self.sort == "ticker" else after_ticker
        parts = {"ap": after_value, "as": tie, "limit": str(self.limit)}
        parts |= {"order": "desc" if self.descending else "asc", "sort": self.sort}
        kept = {name: text for name, text in self.spoken.items() if name not in (*parts, "cursor", "apiKey")}
        return base64.urlsafe_b64encode(urlencode(parts | kept).encode()).decode().rstrip("=")


def read_query(parameters: Mapping[str, str], shape: Shape, page_rows: int = _MOST_ROWS) -> ListQuery:
    """Understand a query; unknown parameters are ignored, a cursor replaces everything else.

    Raises:
        Refused: 400, naming the first parameter that cannot be read.
    """
    spoken = _opened(parameters["cursor"]) if "cursor" in parameters else parameters
    filters = []
    for column, read in shape.filters.items():
        if column in spoken:
            filters.append(Filter(column, "eq", read(spoken[column])))
        ranges = ((operator, spoken.get(f"{column}.{operator}")) for operator in _RANGES)
        filters += [Filter(column, operator, read(text)) for operator, text in ranges if text is not None]
    sort = _one_of(spoken, "sort", shape.sorts, shape)
    orders = ("asc", "desc") if shape.order == "asc" else ("desc", "asc")
    descending = _one_of(spoken, "order", orders, shape) == "desc"
    after = (spoken.get("as") or spoken.get("ap")) if "cursor" in parameters else None
    limit = _limit(spoken, shape)
    return ListQuery(tuple(filters), sort, descending, limit, min(limit, page_rows), after, dict(spoken))


def _limit(spoken: Mapping[str, str], shape: Shape) -> int:
    text = spoken.get("limit", str(shape.usual))
    if not text.isascii() or not text.isdecimal():
        raise bad_query(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    limit = int(text)
    if not 1 <= limit <= shape.most:
        raise _invalid(shape.name, "Limit", "max" if limit else "min")
    return limit


def _one_of(spoken: Mapping[str, str], name: str, allowed: tuple[str, ...], shape: Shape) -> str:
    text = spoken.get(name, allowed[0])
    if text not in allowed:
        raise _invalid(shape.name, name.capitalize(), "oneof")
    return text


def _invalid(owner: str, field: str, tag: str) -> Exception:
    return bad_query(f"Key: '{owner}.{field}' Error:Field validation for '{field}' failed on the '{tag}' tag")


def _opened(cursor: str) -> dict[str, str]:
    try:
        padded = cursor.rstrip("=") + "=" * (-len(cursor.rstrip("=")) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise bad_query("invalid cursor") from None
    spoken = dict(parse_qsl(text, keep_blank_values=True))
    if "ap" not in spoken:
        raise bad_query("invalid cursor")
    return spoken
