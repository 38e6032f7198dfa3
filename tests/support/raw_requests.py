"""One request with a bare socket, for what no client would send."""

import http.client
import json
from typing import Any


def ask(port: int, method: str, path: str) -> tuple[int, Any]:
    """Status and JSON of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path)
    answer = connection.getresponse()
    found = answer.status, json.loads(answer.read())
    connection.close()
    return found
