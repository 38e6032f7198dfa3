"""Clusters form, move, dissolve, and hold spot."""

from datetime import date

import pytest

from marketswarm.model.chain import ChainId
from marketswarm.vigil.detectors import clusters
from marketswarm.vigil.sighting import Marks
from tests.support.vigil_pictures import cluster, picture
from tests.support.watched import Watched, closed, ladder

FAR = 6500.0  # a spot in no cluster
FORMED = ("cluster_formed", "enter", "6800")
INSIDE, OUT = ("spot_in_cluster", "enter", "6800"), ("spot_in_cluster", "exit", "6800")


def fresh():
    """A detector that has looked at the chain long enough, and settles as fast as it forms."""
    return Watched(clusters, settle=3, warm_up=0)


def formed(spot=FAR):
    """A detector that follows a cluster at 6800."""
    watched = fresh()
    for _ in range(3):
        watched.see_gamma(spot, clusters=(cluster(),))
    assert [event.type for event in watched.events][:1] == ["cluster_formed"]
    return watched


def test_a_cluster_forms_in_three_evaluations_in_a_row():
    """A fifth of the gamma for three evaluations forms one, told once with its place and weight, under the nearest strike."""
    watched = fresh()
    seen = cluster(6801.2, share=0.20)
    told = [watched.see_gamma(FAR, clusters=(seen,)) for _ in range(6)]
    assert told == [[], [], [FORMED], [], [], []]
    event = watched.events[0]
    assert event.title == "Gamma cluster at 6,801.2 formed: 20% of all"
    assert event.severity == 50
    assert event.evidence["share"].value == 0.20
    assert event.evidence["low"].value == 6791.2


def test_less_than_a_fifth_or_a_break_between_forms_none():
    """19 % forms no cluster, nor do two evaluations, one without, and two more."""
    watched = fresh()
    for share in (*[0.19] * 5, 0.2, 0.2, 0.0, 0.2, 0.2, 0.1):
        assert not watched.see_gamma(FAR, clusters=(cluster(share=share),))


def test_it_dissolves_below_twelve_percent_only():
    """Between 12 % and 20 % a cluster that has formed lives; below, or gone, for three evaluations it has dissolved."""
    watched = formed()
    for share in (0.13, 0.12, 0.11, 0.11, 0.12):
        assert not watched.see_gamma(FAR, clusters=(cluster(share=share),))
    told = [watched.see_gamma(FAR, clusters=(cluster(share=0.11),)) for _ in range(4)]
    assert told == [[], [], [("cluster_dissolved", "enter", "6800")], []]
    watched = formed()
    assert [watched.see_gamma(FAR) for _ in range(3)][-1] == [("cluster_dissolved", "enter", "6800")]


def test_it_shifts_by_two_steps_and_three_tenths_of_the_move():
    """A centre that has gone eighteen points in small steps has shifted; its key remains, and the next shift counts from there."""
    watched = formed()
    steps = (6, 12, 17.9, 17.9, 17.9)
    assert not any(watched.see_gamma(FAR, clusters=(cluster(6800 + away),)) for away in steps)
    told = [watched.see_gamma(FAR, clusters=(cluster(6819.0),)) for _ in range(5)]
    assert told == [[], [], [("cluster_shifted", "enter", "6800")], [], []]
    event = watched.events[-1]
    assert (event.direction, event.title) == ("up", "Gamma cluster moved from 6,800 to 6,819")
    assert event.evidence["from"].value == 6800.0
    assert event.evidence["centre"].value == 6819.0
    for centre in (6810, 6801, 6801, 6801):
        watched.see_gamma(FAR, clusters=(cluster(centre),))
    assert (watched.events[-1].type, watched.events[-1].direction) == ("cluster_shifted", "down")


def test_a_shift_is_measured_by_the_expected_move():
    """On a day of a large move two steps are not enough, and where the move is not known nothing has shifted."""
    for marks in (Marks(move_open=200.0), Marks()):
        watched = formed()
        for _ in range(5):
            seen = picture(gamma=ladder(clusters=(cluster(6810.0),)))
            assert not watched.see(FAR, picture=seen, marks=marks)


def test_what_stands_at_the_start_is_no_news():
    """In the first five minutes of a chain clusters form, move and go without a word; what forms or goes later is told."""
    watched = Watched(clusters, settle=3)
    assert watched.thresholds.warm_up == 30
    for n in range(30):
        assert not watched.see_gamma(FAR, clusters=(cluster(6800 + n), *([cluster(6700)] if n < 20 else [])))
    told = [watched.see_gamma(FAR, clusters=(cluster(6829), cluster(6900))) for _ in range(3)]
    assert told == [[], [], [("cluster_formed", "enter", "6900")]]
    told = [watched.see_gamma(FAR, clusters=(cluster(6900),)) for _ in range(3)]
    assert told == [[], [], [("cluster_dissolved", "enter", "6800")]]


def test_after_a_roll_what_stands_is_no_news_whatever_cools():
    """A cluster of the next chain, where one of the last was told to have formed, stands from the first: it is not told to form."""
    watched = formed()
    watched.thresholds = watched.thresholds.model_copy(update={"warm_up": 30})
    later = ChainId("SPX", date(2026, 11, 24))
    seen = picture(chain=later, gamma=ladder(clusters=(cluster(),)))
    assert not any(watched.see(FAR, chain=later, picture=seen) for _ in range(300))
    assert [one.key for one in watched.memory.known] == ["6800"]


@pytest.mark.parametrize("warm_up", [0, 30])
def test_a_cluster_around_spot_is_entered_when_spot_comes_back(warm_up):
    """One that forms around spot, or stands around it at the start, is told to be entered only after spot has left it for two ticks."""
    watched = Watched(clusters, warm_up=warm_up)
    for _ in range(40):
        assert INSIDE not in watched.see_gamma(6800.0, clusters=(cluster(),))
    for spot in (6812.5, 6800.0, 6812.6, 6800.0, 6800.0, 6812.6, 6812.6, 6805.0):
        assert not watched.see_gamma(spot, clusters=(cluster(),))
    assert watched.see_gamma(6805.0, clusters=(cluster(),)) == [INSIDE]
    assert not watched.see_gamma(6812.6, clusters=(cluster(),))
    assert watched.see_gamma(6812.6, clusters=(cluster(),)) == [OUT]


def test_one_that_flickers_is_there():
    """A cluster that is gone for four minutes at a time is neither dissolved nor formed again; after five it is dissolved."""
    watched = Watched(clusters, warm_up=0)
    for _ in range(3):
        watched.see_gamma(FAR, clusters=(cluster(),))
    for n in range(300):
        assert not watched.see_gamma(FAR, clusters=(cluster(),) if n % 25 == 0 else ())
    gone = [watched.see_gamma(FAR) for _ in range(30)]
    assert [("cluster_dissolved", "enter", "6800")] in gone


def life(watched, *stretches):
    """So many evaluations with a cluster there, or with none; the types of what is told."""
    before = len(watched.events)
    for centre, evaluations, *share in stretches:
        seen = (cluster(centre, share=share[0] if share else 0.25),) if centre else ()
        for _ in range(evaluations):
            watched.see_gamma(FAR, clusters=seen)
    return [event.type for event in watched.events[before:]]


def test_no_end_without_a_beginning():
    """One that forms again while its forming cools, and is too light when it may be told, dissolves without a word."""
    watched = formed()
    assert life(watched, (0, 6)) == ["cluster_dissolved"]
    assert life(watched, (6800, 60), (6800, 200, 0.15), (0, 60)) == []


def test_a_forming_that_was_held_back_is_told_when_it_may_be():
    """If the cluster still stands when the cooldown is over it is told then, with what it is by then; and its end soon after it."""
    watched = formed()
    assert life(watched, (6800, 40), (0, 30), (6800, 100)) == ["cluster_dissolved"]
    assert life(watched, (6802, 20), (0, 3)) == ["cluster_formed", "cluster_dissolved"]
    first, again = (event for event in watched.events if event.type == "cluster_formed")
    assert again.ts == first.ts + 1_800_000
    assert again.title == "Gamma cluster at 6,802 formed: 25% of all"


def test_a_cluster_is_not_followed_in_words_before_it_is_told():
    """While its forming is held back it shifts without a word, and spot comes and goes."""
    watched = formed()
    for _ in range(3):
        watched.see_gamma(FAR)
    for n in range(100):
        centre = 6800 + min(n, 20) * 0.1
        assert not watched.see_gamma(centre if n % 10 > 5 else FAR, clusters=(cluster(centre),))
    assert [one.key for one in watched.memory.known] == [""]


def test_a_shift_begins_where_the_last_one_that_was_told_ended():
    """One that is held back is told as the whole way when its cooldown is over; one that has come back is none."""
    watched = formed()
    assert life(watched, (6810, 1), (6819, 3)) == ["cluster_shifted"]
    told_at = watched.events[-1].ts
    assert life(watched, (6810, 1), (6800, 3)) == ["cluster_shifted"]
    assert life(watched, (6810, 1), (6819, 20), (6829, 100)) == []
    life(watched, (6830, 100))
    up = [event for event in watched.events if event.type == "cluster_shifted" and event.direction == "up"]
    assert [event.title for event in up] == [
        "Gamma cluster moved from 6,800 to 6,819",
        "Gamma cluster moved from 6,800 to 6,830",
    ]
    assert up[1].ts == told_at + 1_800_000
    assert life(watched, (6840, 1), (6850, 50), (6840, 1), (6830, 200)) == []


def test_a_shift_settles_on_one_side():
    """Evaluations in which it stood higher do not count for lower, also where they waited for the cooldown."""
    watched = Watched(clusters, settle=3, warm_up=0, reach_steps=10)
    assert life(watched, (6800, 3), (6820, 3), (6840, 20)) == ["cluster_formed", "cluster_shifted"]
    assert life(watched, (6800, 2), (6820, 3)) == []
    assert [one.away for one in watched.memory.known] == [0]


def test_where_gamma_stands_is_a_notice():
    """However heavy it is, it is no warning by itself."""
    watched = fresh()
    for _ in range(3):
        watched.see_gamma(FAR, clusters=(cluster(share=0.9),))
    assert watched.events[0].importance == "notice"


def test_a_cluster_that_jumps_is_another_one():
    """A centre more than two steps away is a new cluster: that forms, and the old one dissolves."""
    watched = formed()
    told = [watched.see_gamma(FAR, clusters=(cluster(6825.0),)) for _ in range(3)]
    assert told[-1] == [("cluster_dissolved", "enter", "6800"), ("cluster_formed", "enter", "6825")]


def enter(watched, spot=6800.0):
    """Spot comes into the cluster at 6800."""
    assert watched.see_gamma(spot, clusters=(cluster(),)) == []
    assert watched.see_gamma(spot, clusters=(cluster(),)) == [INSIDE]


def test_spot_enters_at_the_border_and_leaves_half_a_step_beyond():
    """Within 6790 … 6810 spot is in; it is out beyond 6812.5, and not in again at 6811."""
    watched = formed(6811.0)
    watched.ts += 600_000
    enter(watched, 6810.0)
    for spot in (6800.0, 6812.5, 6811.0, 6787.5):
        assert not watched.see_gamma(spot, clusters=(cluster(),))
    assert [watched.see_gamma(6812.6, clusters=(cluster(),)) for _ in range(2)] == [[], [OUT]]
    watched.ts += 1_800_000
    assert not any(watched.see_gamma(6811.0, clusters=(cluster(),)) for _ in range(3))
    enter(watched, 6790.0)


def test_one_print_neither_enters_nor_leaves():
    """Spot is in a cluster, and out of it, after two ticks in a row, or as many as `spot_dwell` says."""
    watched = formed()
    for spot in (6800.0, FAR, 6805.0, FAR):
        assert not watched.see_gamma(spot, clusters=(cluster(),))
    enter(watched)
    for spot in (FAR, 6800.0, FAR, 6811.0):
        assert not watched.see_gamma(spot, clusters=(cluster(),))
    watched = Watched(clusters, warm_up=0, spot_dwell=1)
    for _ in range(3):
        watched.see_gamma(FAR, clusters=(cluster(),))
    assert watched.see_gamma(6800.0, clusters=(cluster(),)) == [INSIDE]


def test_spot_in_a_cluster_that_dissolves_is_out():
    """The end of a cluster is the end of spot's stay in it, in words that are true of a spot that has not moved."""
    watched = formed()
    enter(watched)
    assert watched.see_gamma(6800.0) == []
    assert watched.see_gamma(6800.0, clusters=(cluster(),)) == []
    told = [watched.see_gamma(6800.0) for _ in range(4)]
    assert told == [[], [], [("cluster_dissolved", "enter", "6800")], [OUT]]
    assert watched.events[-1].title == "Spot is no longer in the gamma cluster at 6,800"


def test_the_end_of_a_stay_has_one_title():
    """Whether spot has left, or the chain has rolled, it says what is so by then, and with the largest strikes in sixty characters."""
    for changes in ({"spot": FAR}, {"chain": ChainId("SPX", date(2026, 11, 24))}):
        watched = formed()
        enter(watched)
        for _ in range(2):
            watched.see(**changes, picture=picture(gamma=ladder(clusters=(cluster(),))))
        assert watched.events[-1].title == "Spot is no longer in the gamma cluster at 6,800"
    assert len("Spot is no longer in the gamma cluster at 10,000,000.5") <= 60


@pytest.mark.parametrize("days", [0, 1])
def test_another_chain_or_day_is_begun_anew(days):
    """After a roll, or the next day, nothing dissolves and nothing is known, and what is there is no news again."""
    watched = formed()
    watched.thresholds = watched.thresholds.model_copy(update={"warm_up": 30})
    later = ChainId("SPX", date(2026, 11, 24))
    watched.ts += days * 86_400_000 or 600_000
    seen = picture(chain=later, gamma=ladder(clusters=(cluster(6850),)))
    assert not any(watched.see(FAR, chain=later, picture=seen) for _ in range(40))
    assert [one.key for one in watched.memory.known] == ["6850"]


def test_without_gamma_nothing_ends():
    """A picture without gamma, of which nothing is invented, leaves everything as it was; out of session nothing is watched."""
    watched = formed()
    enter(watched)
    for _ in range(5):
        assert watched.see(picture=picture(gamma=None)) == []
        assert watched.sightings is None
    assert watched.memory.known
    assert watched.see_gamma(6800.0, clusters=(cluster(),)) == []
    assert [watched.see(session=closed(watched.ts)) for _ in range(2)][-1] == [OUT]
