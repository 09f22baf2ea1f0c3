"""A secret in Secrets Manager, read through the real client."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from training_files.adapters.aws.secrets import secret_at
from training_files.errors import SettingsError


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        yield


def a_secret(value: str | bytes) -> str:
    """The ARN of a secret with this value."""
    content = {"SecretBinary": value} if isinstance(value, bytes) else {"SecretString": value}
    arn: str = boto3.client("secretsmanager").create_secret(Name="supabase", **content)["ARN"]
    return arn


def test_a_secret_is_its_text() -> None:
    assert secret_at(a_secret(" sb_secret_abc\n"), "A_SECRET_ARN") == " sb_secret_abc\n"


def test_a_binary_secret_is_named_and_not_repeated() -> None:
    with pytest.raises(SettingsError, match="A_SECRET_ARN") as caught:
        secret_at(a_secret(b"sb_secret_abc"), "A_SECRET_ARN")

    assert "sb_secret_abc" not in str(caught.value)


@pytest.mark.parametrize("arn", ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:absent", "absent"])
def test_a_secret_that_does_not_exist_is_named(arn: str) -> None:
    with pytest.raises(SettingsError, match="A_SECRET_ARN"):
        secret_at(arn, "A_SECRET_ARN")
