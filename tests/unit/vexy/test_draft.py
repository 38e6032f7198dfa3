"""From a draft to a message."""

from marketswarm.vexy.draft import VERSION
from marketswarm.vexy.narrate import narrate_event
from tools.message_examples import EVENTS, context


def test_a_draft_becomes_a_message():
    """With the id, predecessor and marks that its speaker gives it."""
    draft = narrate_event(EVENTS["drift.enter"], context())
    message = draft.message("m2", supersedes="m1")
    assert (message.id, message.supersedes, message.annotations, message.version) == ("m2", "m1", (), VERSION)
    assert (message.title, message.texts, message.facts) == (draft.title, dict(draft.texts), draft.facts)
    assert (message.template, message.variant) == draft.wording
