"""`marketswarm record`: what it refuses; with a running spine it is tested in tests/flow/test_recorded_session.py."""


def test_without_a_server_it_says_how_to_get_one(cli, environment, tmp_path):
    """One line, exit code 1, and no folder is left."""
    environment.delenv("MARKETSWARM_REDIS_URL")
    done = cli("record", str(tmp_path / "recording"))
    assert done.code == 1
    assert "marketswarm up" in done.err
    assert not (tmp_path / "recording").exists()


def test_a_folder_that_is_not_empty_is_wrong_use(cli, tmp_path):
    """Exit code 2; what is in it stays."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thing").write_text("mine")
    done = cli("record", str(tmp_path / "full"), "--seconds", "1")
    assert done.code == 2
    assert "a new or an empty folder; this one is not empty" in done.err
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["thing"]


def test_the_help_says_what_the_terms_forbid(cli):
    """The vendor's data may not be passed on."""
    assert "terms forbid to pass its market data on" in " ".join(cli("record", "--help").out.split())
