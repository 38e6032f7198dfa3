"""Addresses."""

import pytest

from marketswarm.addresses import celery_address, is_loopback, masked_url


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "", None])
def test_this_machine_is_loopback(host: str | None) -> None:
    """Every spelling of this machine counts as loopback."""
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "127.0.0.1.example", "localhost.example"])
def test_other_machines_are_not_loopback(host: str) -> None:
    """What can be reached from elsewhere, or only looks like this machine, is not loopback."""
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
        ("redis://:hunter2@host:6379/0", "redis://:********@host:6379/0"),
        ("rediss://user:hunter2@host/1", "rediss://user:********@host/1"),
        ("redis://:hun/ter2@host:6379/0", "redis://:********@host:6379/0"),
        ("redis://:hunt@er2@host", "redis://:********@host"),
        ("redis://user@host", "redis://user@host"),
        ("redis://host/0?password=hunter2&db=1", "redis://host/0?password=********&db=1"),
        ("https://host/v3?apiKey=hunter2", "https://host/v3?apiKey=********"),
        ("redis://:hunter2@[broken", "redis://:********@[broken"),
        ("unix:///run/redis.sock", "unix:///run/redis.sock"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    """The password is replaced by stars wherever it stands, even in what is no proper address; the rest stays."""
    assert masked_url(url) == shown


@pytest.mark.parametrize(
    ("url", "steps", "spelled"),
    [
        ("redis://host:6379/0", 1, "redis://host:6379/1"),
        ("redis://host:6379", 2, "redis://host:6379/2"),
        ("rediss://:secret@host/4", 0, "rediss://:secret@host/4"),
        ("unix:///run/redis.sock", 0, "redis+socket:///run/redis.sock?virtual_host=0"),
        ("unix:///run/redis.sock?db=3", 2, "redis+socket:///run/redis.sock?virtual_host=5"),
    ],
)
def test_a_neighbouring_database_in_celerys_words(url: str, steps: int, spelled: str) -> None:
    """Celery is given the database so many steps behind, Unix sockets in its own spelling."""
    assert celery_address(url, steps) == spelled
