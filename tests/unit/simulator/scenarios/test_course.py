"""The words of a scenario."""

from marketswarm.simulator.scenarios.course import Label, SmileShift


def test_a_smile_glides():
    """A share of the way is that share of each of its parts."""
    shifted = SmileShift().toward(SmileShift(level=2.0, skew=1.4, curvature=0.8), 0.5)
    assert (shifted.level, shifted.skew, shifted.curvature) == (1.5, 1.2, 0.9)


def test_a_label_leaves_out_what_is_not_known():
    """As JSON it has no null and no empty part."""
    assert Label(at_s=1.0, kind="calm", text="x").as_json() == {"at_s": 1.0, "kind": "calm", "text": "x"}
    full = Label(at_s=1.0, until_s=2.0, kind="pin", size=0.5, text="x", strikes={"SPX": 6800.0})
    assert full.as_json()["strikes"] == {"SPX": 6800.0}
    assert (full.as_json()["until_s"], full.as_json()["size"]) == (2.0, 0.5)
