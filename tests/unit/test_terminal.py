"""What the commands read from the environment is a port, or is told in one sentence."""

import pytest

from infra.terminal import CommandError, port_from_environment


@pytest.mark.parametrize(("given", "port"), [(None, 3000), ("", 3000), ("1", 1), ("65535", 65535)])
def test_a_port_comes_from_the_environment_or_is_the_usual_one(
    monkeypatch: pytest.MonkeyPatch, given: str | None, port: int
) -> None:
    monkeypatch.delenv("API_PORT", raising=False)
    if given is not None:
        monkeypatch.setenv("API_PORT", given)

    assert port_from_environment("API_PORT", 3000) == port


@pytest.mark.parametrize("given", ["abc", "0", "-1", "99999", "3000.5", "٣٠٠٠"])
def test_what_is_no_port_is_refused_with_the_name_of_the_variable(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("API_PORT", given)

    with pytest.raises(CommandError, match=r"^API_PORT must be a port, a number from 1 to 65535, but is '"):
        port_from_environment("API_PORT", 3000)
