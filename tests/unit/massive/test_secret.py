"""Keeping the key out of whatever is shown."""

from marketswarm.massive.secret import hide


def test_every_occurrence_is_hidden():
    """The secret is replaced wherever it stands."""
    assert hide("key abc, again abc", "abc") == "key ***, again ***"


def test_without_a_secret_nothing_changes():
    """An empty secret hides nothing."""
    assert hide("text", "") == "text"
