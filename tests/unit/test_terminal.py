"""What the commands read from the environment is a port, or is told in one sentence."""

import socket
from collections.abc import Iterator

import pytest

from infra.terminal import CommandError, port_from_environment


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which something listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_port_comes_from_the_environment_or_is_the_usual_one(
    monkeypatch: pytest.MonkeyPatch, free: int, taken: int
) -> None:
    monkeypatch.setenv("API_PORT", str(free))
    assert port_from_environment("API_PORT", taken) == free

    for nothing in ("", None):
        if nothing is None:
            monkeypatch.delenv("API_PORT")
        else:
            monkeypatch.setenv("API_PORT", nothing)
        assert port_from_environment("API_PORT", free) == free


def test_where_the_usual_port_is_taken_a_free_one_is_found(monkeypatch: pytest.MonkeyPatch, taken: int) -> None:
    monkeypatch.delenv("API_PORT", raising=False)

    found = port_from_environment("API_PORT", taken)

    assert found != taken
    with socket.create_server(("127.0.0.1", found)):
        pass


def test_a_port_that_was_asked_for_and_is_taken_is_told_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    monkeypatch.setenv("API_PORT", str(taken))

    with pytest.raises(CommandError, match=f"^API_PORT is {taken}, and something listens there already"):
        port_from_environment("API_PORT", 3000)


@pytest.mark.parametrize("given", ["abc", "0", "-1", "99999", "3000.5", "٣٠٠٠"])
def test_what_is_no_port_is_refused_with_the_name_of_the_variable(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("API_PORT", given)

    with pytest.raises(CommandError, match=r"^API_PORT must be a port, a number from 1 to 65535, but is '"):
        port_from_environment("API_PORT", 3000)
