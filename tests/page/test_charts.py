"""The charts: what the levels say, said by lines, labels, words and tables."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from marketswarm.model.event import Fact
from tests.support.known_day import KnownDay, interest_of
from tests.support.page_site import wait_until
from tests.support.vigil_documents import tell
from tests.support.vigil_rig import SLOT
from tests.support.visit import DESK, PHONE

CHARTS = ("spot", "gamma", "smile")
SLOTS = (6800.0, 6801.0, 6803.0)


@pytest.fixture
def shown(day: KnownDay, look) -> Page:
    """The page after three ticks."""
    day.trade(*SLOTS)
    return look()


def chip(page: Page, chart: str, name: str | re.Pattern[str]):
    """The label of a line."""
    return page.locator(f"#panel-{chart} .chip", has_text=name)


def test_lines_are_labelled_with_their_prices(shown: Page):
    """Flip and walls stand beside spot, in the chart of spot as in that of gamma."""
    for chart in ("spot", "gamma"):
        expect(chip(shown, chart, "Call wall")).to_have_text("Call wall 6,850")
        expect(chip(shown, chart, "Put wall")).to_have_text("Put wall 6,750")
        expect(chip(shown, chart, "Flip")).to_have_text("Flip 6,801")
        expect(chip(shown, chart, "Spot")).to_have_text("Spot 6,803.00")


def test_a_label_stands_at_its_line(shown: Page):
    """On the axis of prices a higher level is further up, and in the chart of gamma further right."""
    boxes = {name: chip(shown, "spot", name).bounding_box() for name in ("Call wall", "Flip", "Put wall")}
    assert boxes["Call wall"]["y"] < boxes["Flip"]["y"] < boxes["Put wall"]["y"]
    boxes = {name: chip(shown, "gamma", name).bounding_box() for name in ("Call wall", "Flip", "Put wall")}
    assert boxes["Put wall"]["x"] < boxes["Flip"]["x"] < boxes["Call wall"]["x"]


def test_each_chart_says_in_a_sentence_what_it_shows(shown: Page):
    """A canvas is named by that sentence, for those who do not see it."""
    said = {
        "spot": "Spot 6,803.00, +3 since 10:00. Call wall 6,850, 47 above spot. Flip 6,801, 1.5 below spot",
        "gamma": "Flip 6,801, 1.5 points below spot. Neutral gamma, net +$",
        "smile": "Volatility at the money 25.0 %, skew 0.0 volatility points a sigma. Dots are calls, squares puts, the line is the fit, "
        "0.0 volatility points off over ",
    }
    for chart, words in said.items():
        expect(shown.locator(f"#chart-{chart}-summary")).to_contain_text(words)
        expect(shown.locator(f"#panel-{chart} canvas").first).to_have_attribute(
            "aria-label", re.compile(re.escape(words.replace(" %", "\u00a0%")))
        )


def test_new_levels_are_drawn(day: KnownDay, shown: Page):
    """A tick moves spot, and a wall that has moved is at its new strike in all charts."""
    expect(chip(shown, "gamma", "Call wall")).to_have_text("Call wall 6,850")
    day.rig.load(run="second", interest=interest_of(calls=6870))
    day.trade(6804.0)
    expect(chip(shown, "spot", "Spot")).to_have_text("Spot 6,804.00")
    for chart in ("spot", "gamma"):
        expect(chip(shown, chart, "Call wall")).to_have_text("Call wall 6,870")


def test_a_chart_can_be_read_as_a_table(shown: Page):
    """The button beside the title shows strikes in rows instead, and is pressed then."""
    button = shown.locator("#panel-gamma .panel-head button[aria-pressed]")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    row = shown.locator("#panel-gamma tr", has=shown.locator("th", has_text="6,850"))
    expect(row.locator("td").first).to_have_text(re.compile(r"^\+\$2\.\d+ B$"))
    expect(shown.locator("#panel-gamma canvas").first).not_to_be_visible()
    button.click()
    expect(shown.locator("#panel-gamma canvas").first).to_be_visible()


def test_what_is_not_known_is_said(day: KnownDay, look):
    """Without open interest there is no profile, and the panel says why; the smile does not need it."""
    day.rig.load(run="bare", interest=lambda _strike, _kind: 0)
    day.trade(*SLOTS)
    page = look()
    expect(page.locator("#panel-gamma .chart-empty")).to_have_text("No gamma profile: no open interest.")
    expect(page.locator("#chart-smile-summary")).to_contain_text("25.0 %")


def test_a_hole_in_the_ticks_is_not_drawn_over(day: KnownDay, look):
    """Where ticks are missing the line is broken; where they are ten seconds apart it is not."""
    page = look()
    times = "[0, 10000, 20000, 90000].map((ts) => ({ts, spot: 1}))"
    found = page.evaluate(f"import('/static/js/charts/spot.js').then((spot) => spot.columnsOf({times}))")
    assert found == [[0, 10000, 20000, 20001, 90000], [1, 1, 1, None, 1]]


def test_the_ghost_is_the_smile_of_ten_minutes_ago(day: KnownDay, look):
    """Or the oldest that is known, once it is a minute old; each chain has its own."""
    page = look()
    found = page.evaluate(
        """import('/static/js/charts/smile.js').then(({ Earlier }) => {
          const earlier = new Earlier();
          const told = [0, 30, 60, 300, 720].map((s) => earlier.take("SPX", s, s * 1000)?.fit ?? null);
          return [...told, earlier.take("SPY", 1, 720_000)];
        })"""
    )
    assert found == [None, None, 0, 0, 60, None]


@pytest.mark.parametrize(
    ("level", "is_good", "said"), [(0.38, False, True), (0.38, True, False), (-0.1, False, False)]
)
def test_a_poor_fit_is_said_with_how_far_it_is_off(
    day: KnownDay, look, level: float, is_good: bool, said: bool
):
    """In volatility points; a fit without a level that could be one is poor for another reason."""
    smile = {
        "level": level,
        "skew": -0.1,
        "curvature": 0.05,
        "error": 0.0345,
        "points": 40,
        "is_good": is_good,
    }
    words = look().evaluate(
        """(smile) => import('/static/js/charts/smile.js').then(({ headline }) =>
          headline({ levels: { levels: { smile: { value: smile } } }, ghost: null }).map((item) => item.textContent))""",
        smile,
    )
    assert ("poor fit: 3.5 vol pts off" in words) is said


def test_an_event_on_the_line_leads_to_its_strike(day: KnownDay, look):
    """It is marked where it happened; a click there shows the strike in the ladder."""
    day.trade(*SLOTS)
    strike = {"strike": Fact(value=6830.0, unit="points", as_of=SLOT)}
    more = {"severity": 90, "importance": "critical", "evidence": strike}
    tell(day.redis, type="key_strike", ts=SLOT + 20_000, title="Spot came near 6,830", **more)
    page = look()
    over = page.locator("#panel-spot .u-over")
    expect(page.locator("#panel-events li", has_text="6,830")).to_be_visible()
    box = over.bounding_box()
    over.hover(position={"x": box["width"] - 2, "y": 20})
    expect(page.locator("#panel-spot .chart-readout")).to_contain_text("Spot came near 6,830")
    over.click(position={"x": box["width"] - 2, "y": 20})
    expect(page.locator(".rung[data-picked]")).to_have_attribute("data-strike", "6830")


def test_nothing_is_drawn_while_nobody_looks(day: KnownDay, shown: Page):
    """A hidden tab keeps its picture, and draws once when it is seen again."""
    expect(chip(shown, "spot", "Spot")).to_have_text("Spot 6,803.00")
    shown.evaluate(
        "Object.defineProperty(document, 'hidden', {value: true, configurable: true, writable: true})"
    )
    day.trade(6812.0)
    shown.wait_for_timeout(1500)
    expect(chip(shown, "spot", "Spot")).to_have_text("Spot 6,803.00")
    shown.evaluate("document.hidden = false; document.dispatchEvent(new Event('visibilitychange'))")
    expect(chip(shown, "spot", "Spot")).to_have_text("Spot 6,812.00")


def test_a_paused_view_keeps_its_picture(day: KnownDay, shown: Page):
    """Also when its size changes; data goes on, and is drawn when the view does."""
    expect(chip(shown, "spot", "Spot")).to_have_text("Spot 6,803.00")
    shown.get_by_role("button", name="Pause").click()
    day.trade(6812.0)
    heard = "() => marketswarm.feed.held.get('SPX').spot.latest.spot"
    wait_until("tick at 6,812", lambda: shown.evaluate(heard) == 6812)
    shown.set_viewport_size({"width": 1300, "height": 800})
    expect(chip(shown, "spot", "Spot")).to_have_text("Spot 6,803.00")
    shown.keyboard.press("p")
    expect(chip(shown, "spot", "Spot")).to_have_text("Spot 6,812.00")


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_charts_fit_and_can_be_read(day: KnownDay, look, scheme: str, size: tuple[int, int]):
    """On a desk and on a phone, in both schemes: labels within their panels, contrast as it must be, no error."""
    day.trade(*SLOTS)
    page = look(size=size, scheme=scheme)
    expect(chip(page, "smile", "Spot")).to_be_visible()
    for chart in CHARTS:
        panel = page.locator(f"#panel-{chart}").bounding_box()
        for label in page.locator(f"#panel-{chart} .chip").all():
            box = label.bounding_box()
            assert box["x"] >= panel["x"]
            assert box["x"] + box["width"] <= panel["x"] + panel["width"]
    found = Axe().run(page, context=[f"#panel-{chart}" for chart in CHARTS])
    assert found.response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_names_are_short_rather_than_cut(day: KnownDay, look):
    """A label that has no room says `CW` with its price, and its whole name to those who ask; none touches the panel's edge."""
    day.trade(*SLOTS)
    day.note(
        id="a1",
        widget="spot",
        label="Heaviest strike 6,820 touched",
        target={"type": "strike", "strike": 6820.0},
    )
    day.note(id="a2", widget="spot", label="Pin risk 6,850", target={"type": "strike", "strike": 6850.0})
    page = look(size=DESK)
    expect(chip(page, "spot", "heavy")).to_have_text("heavy 6,820 touched ")
    expect(chip(page, "spot", "heavy")).to_have_attribute(
        "aria-label", re.compile("^Heaviest strike 6,820 touched")
    )
    for label in page.locator("#panel-spot .chip, #panel-gamma .chip, #panel-smile .chip").all():
        cut = "(chip) => [...chip.children].some((part) => part.scrollWidth > part.clientWidth + 1 && part.clientWidth)"
        assert not label.evaluate(cut)
        edge = "(chip) => chip.closest('.panel').getBoundingClientRect().right - chip.getBoundingClientRect().right"
        assert label.evaluate(edge) >= 7


def test_one_price_has_one_label(day: KnownDay, look):
    """What Vexy marks where a level stands is told by that level's label, on demand."""
    day.trade(*SLOTS)
    day.note(id="a2", widget="spot", label="Pin risk 6,850", target={"type": "strike", "strike": 6850.0})
    page = look()
    label = chip(page, "spot", "Call wall")
    expect(label).to_have_attribute("data-explain", "call_wall|annotation:a2")
    expect(chip(page, "spot", "Pin risk")).to_have_count(0)
    label.click()
    expect(page.locator("#explanation dt:text-is('Also here') + dd")).to_have_text("Pin risk 6,850")


def test_tags_of_one_strike_have_room(day: KnownDay, look):
    """Two are said short, and of more the number; each is whole to a pointer."""
    day.trade(*SLOTS)
    for at, label in enumerate(("Heaviest strike 6,815 touched", "Pin risk 6,815", "Watch 6,815")):
        target = {"type": "strike", "strike": 6815.0}
        day.note(id=f"a{at}", widget="ladder", label=label, target=target)
    tags = look().locator(".rung[data-strike='6815'] .tag")
    expect(tags).to_have_text(["heavy touched", "pin", "+1"])
    expect(tags.last).to_have_attribute("title", "Watch 6,815")


def test_the_two_expected_moves_have_names(day: KnownDay, look):
    """The move from here on the line of structure; in the chart that of the day, or since the start where the open was missed."""
    day.trade(*SLOTS)
    page = look()
    expect(page.locator("#panel-structure .label.move").first).to_contain_text("from here:")
    expect(page.locator("#structure-words")).to_contain_text("from here to settlement")
    expect(page.locator("#chart-spot-summary")).to_contain_text("Expected since the start")
    expect(page.locator("#panel-spot .chart-headline")).to_contain_text("Expected since start")
    for end in ("high", "low"):
        expect(chip(page, "spot", re.compile(rf"^[Ee]xp(ected|\.) {end} "))).to_have_count(1)
    page.locator("#panel-spot .chip[data-explain='move_open']").first.click()
    expect(page.locator("#explanation strong")).to_have_text("Expected move since the start")
    words = (
        "import('/static/js/charts/structure.js').then(({ expectedBand }) => expectedBand(levels, []).label)"
    )
    levels = "const levels = {levels: {move_open: {value: 5, as_of: 1000}, move_left: {value: 2}, forward: {value: 101}}}"
    assert page.evaluate(f"() => {{ {levels}; return {words}; }}") == "Expected from here"
    ticks = words.replace("[]", "[{ts: 1000, spot: 100}]")
    assert page.evaluate(f"() => {{ {levels}; return {ticks}; }}") == "Expected of the day, from the open"


def test_spot_is_the_same_everywhere_at_once(day: KnownDay, shown: Page):
    """Also where levels are not there yet, and in the chart that is drawn at a pace of its own."""
    show = """() => { const {store} = marketswarm, spot = store.get("spot");
      store.set("spot", {...spot, latest: {...spot.latest, spot: 6808.88}, ticks: [...spot.ticks, {...spot.ticks.at(-1), ts: spot.latest.ts + 10000, spot: 6808.88}]}); }"""
    expect(chip(shown, "smile", "Spot")).to_contain_text("6,803.00")
    shown.evaluate(show)
    for chart in CHARTS:
        expect(chip(shown, chart, "Spot")).to_contain_text("6,808.88")
    expect(shown.locator(".spot-row")).to_contain_text("6,808.88")


def test_the_smile_names_its_units(shown: Page):
    """Skew and the difference of 25 delta are volatility points."""
    expect(shown.locator("#panel-smile .chart-headline")).to_contain_text("vol pts")


def test_labels_that_crowd_move_apart_evenly(shown: Page):
    """Each as little as the others let it, and none beyond the ends."""
    page = shown
    places = "(args) => import('/static/js/charts/chips.js').then(({ spread }) => spread(...args))"
    assert page.evaluate(places, [[100, 100, 300], [40, 40, 40], 0, 400]) == [80, 120, 300]
    assert page.evaluate(places, [[350, 380], [40, 40], 0, 400]) == [320, 360]
    assert page.evaluate(places, [[-20, 0], [40, 40], 0, 400]) == [0, 40]


def test_another_symbol_shows_nothing_of_the_one_before(shown: Page):
    """Until its levels are read, no figure stands under its name."""
    expect(shown.locator("#panel-gamma .chart-headline")).to_be_visible()
    shown.evaluate(
        """() => { const {store} = marketswarm; store.set("symbol", "SPY"); store.set("levels", null);
        store.set("spot", {symbol: "SPY", latest: null, ticks: []}); }"""
    )
    for chart in CHARTS:
        expect(shown.locator(f"#panel-{chart} .chart-headline")).to_be_hidden()
    expect(shown.locator("[data-figure='call-wall'] .day-figure-note")).to_have_text("being read")


def test_each_label_of_the_structure_stands_over_its_line(day: KnownDay, look):
    """Where they crowd, in rows: a label beside another line would seem to be of that one."""
    day.trade(*SLOTS)
    page = look(size=PHONE)
    expect(page.locator("#panel-structure .label.flip")).to_be_visible()
    beside = """() => ["put", "flip", "call", "spot"].map((kind) => {
      const [text, line] = ["label", "tick"].map((part) => document.querySelector(`#panel-structure .${part}.${kind}`).getBoundingClientRect());
      return Math.max(0, text.left - line.right, line.left - text.right); })"""
    for flip in (6849.0, 6806.0, 6752.0):
        page.evaluate(
            """(flip) => { const {store} = marketswarm, told = store.get("levels");
            store.set("levels", {...told, levels: {...told.levels, flip: {...told.levels.flip, value: flip}}}); }""",
            flip,
        )
        expect(page.locator("#panel-structure .label.flip")).to_have_text(f"flip {flip:,.0f}")
        assert max(page.evaluate(beside)) <= 8, flip
