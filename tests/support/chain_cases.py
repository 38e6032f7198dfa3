"""Random contracts and changes, as wild as a foreign writer or a broken feed could make them."""

from random import Random

from tests.support.chain_model import KNOWN, Members, ModelChange, ModelContract

NUMBERS = (
    "0", "1", "5", "1.6", "1.65", "0.05", "-0.0", "-5.99", "1e-9", "1E+05", "2.5e3", "-1.5E-7", "6800.25", "100000",
    "1795443600123456789", "0.12345678901234567",
)  # fmt: skip
STRANGE = ("[]", "null", '"Zürich € 😀"', '"a\\"b"', "1e-9", "-0.0", "1795443600123456789", "true", '""')
OUTSIDE = (*STRANGE, "{}", "[1,2]", '{"a":[{}]}', '"x}y,z"')
NO_NUMBERS = (
    "NaN", "Infinity", "-Infinity", "007", "-01", "1.", ".5", "-.5", "1e", "+1", "0x10", "1.2.3", "--1", "1 ",
    '"1.6"', '""', "[]", "[1]", "true", "false", '{"x":1}', "{}", "",
)  # fmt: skip
TIMES = (998, 999, 1000, 1001, 1002)
SEQUENCES = (None, None, 1, 2, 9, 10, 10**18, 10**18 + 1)


def some_contract(dice: Random, ticker: str) -> ModelContract:
    """Some of the sections, some of their members, and what nobody of us would write."""
    body: list[tuple[str, str | Members]] = []
    for section in KNOWN:
        if dice.random() < 0.3:
            body.append((f"x_{section}", dice.choice(OUTSIDE)))
        if dice.random() < 0.7:
            body.append((section, _section(dice, section)))
    head = [(f"h{at}", dice.choice(OUTSIDE)) for at in range(dice.randrange(4))]
    return ModelContract(ticker, head, dice.choice((1, 17, 999_999)), dice.choice(TIMES), body)


def some_change(dice: Random, ticker: str, *, wrong: float = 0.25) -> ModelChange:
    """A change of it, wrong in one way with that probability."""
    section, time = dice.choice(list(KNOWN)), str(dice.choice(TIMES))
    sequence = dice.choice(SEQUENCES)
    order = time if sequence is None else f"{time} {sequence}"
    patch = _patch(dice, section, time)
    if dice.random() >= wrong:
        return ModelChange(ticker, section, order, patch)
    place = dice.randrange(len(patch))
    match dice.randrange(8):
        case 0:
            section = dice.choice(("color", "", "Quote", "quote.bid", "v"))
        case 1:
            order = dice.choice(("", "later", "-5", "01000", "1000 x", " 1000", "1000  1", "1e3"))
        case 2:
            ticker = "O:NOBODY"
        case 3:
            patch[place] = (dice.choice(("BID", "a.b", "", "quote", "color")), "1")
        case 4:
            patch = [member for member in patch if member[0] != "ts"]
        case 5:
            patch.append(patch[place])
        case 6:
            patch[-1] = ("ts", dice.choice(("null", "7", '"1000"', "1000.0")))
        case _:
            patch[place] = (patch[place][0], dice.choice(NO_NUMBERS))
    return ModelChange(ticker, section, order, patch)


def whole_change(dice: Random, ticker: str, section: str, time: int, sequence: int | None) -> ModelChange:
    """A change that names every member but the seldom one."""
    names = [name for name in KNOWN[section] if name not in ("absent", "ts")]
    patch = [(name, _value(dice, name)) for name in names] + [("ts", str(time))]
    return ModelChange(ticker, section, str(time) if sequence is None else f"{time} {sequence}", patch)


def _section(dice: Random, section: str) -> Members:
    names = [name for name in KNOWN[section] if name == "ts" or dice.random() < 0.9]
    members = [(name, str(dice.choice(TIMES)) if name == "ts" else _value(dice, name)) for name in names]
    if dice.random() < 0.2:
        members.insert(dice.randrange(len(members) + 1), ("foreign", dice.choice(STRANGE)))
    if dice.random() < 0.1:
        dice.shuffle(members)
    return members


def _patch(dice: Random, section: str, time: str) -> Members:
    whole = dice.random() < 0.6
    names = [name for name in KNOWN[section][:-1] if (whole and name != "absent") or dice.random() < 0.4]
    members = [
        (name, "null" if not whole and dice.random() < 0.25 else _value(dice, name)) for name in names
    ] + [("ts", time)]
    if dice.random() < 0.05:
        dice.shuffle(members)
    return members


def _value(dice: Random, name: str) -> str:
    if name == "source":
        return dice.choice(('"local"', '"provider"'))
    if name == "absent":
        return dice.choice(('"no-bid"', '"no quote"'))
    return dice.choice(NUMBERS)
