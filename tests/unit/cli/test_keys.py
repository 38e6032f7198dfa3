"""`marketswarm keys`: the key reference."""

import json

from marketswarm import keys


def test_the_key_reference(cli) -> None:
    """Every entry of the key reference, as a table and as a document."""
    document = json.loads(cli("keys", "--json").out)
    assert [entry["key"] for entry in document["keys"]] == [entry.key for entry in keys.REFERENCE]
    table = cli("keys").out
    assert all(entry.key in table for entry in keys.REFERENCE)
