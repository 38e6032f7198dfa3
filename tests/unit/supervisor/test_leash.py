"""What the leash remembers of the parts."""

import pytest

from marketswarm.supervisor.leash import read_list


@pytest.mark.parametrize(
    ("lines", "alive"),
    [
        ([], []),
        (["+7\n", "+8\n"], [7, 8]),
        (["+7\n", "+8\n", "-7\n"], [8]),
        (["-7\n", "+7\n"], [7]),
        (["+7\n", "+7\n", "-7\n"], []),
        (["+\n", "+x\n", "7\n", "+0x7\n", "\n", "+9\n"], [9]),
    ],
)
def test_the_list_holds_who_started_and_did_not_end(lines: list[str], alive: list[int]) -> None:
    """`+` puts a process on the list, `-` takes it off, anything else is no process."""
    assert read_list(lines) == alive
