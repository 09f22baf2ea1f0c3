"""The server key in Secrets Manager, read through the real client."""

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


@pytest.mark.parametrize("key", ["sb_secret_abc", " eyJhbGciOi.abc.def\n"])
def test_a_secret_that_is_no_object_is_the_server_key_itself(key: str) -> None:
    assert secret_at(a_secret(key)) == {"SUPABASE_SERVICE_ROLE_KEY": key.strip()}


def test_a_secret_may_be_an_object_of_variables() -> None:
    arn = a_secret(' {"SUPABASE_SERVICE_ROLE_KEY": "key", "SUPABASE_JWT_SECRET": "secret", "SUPABASE_S3_REGION": ""}')

    assert secret_at(arn) == {"SUPABASE_SERVICE_ROLE_KEY": "key", "SUPABASE_JWT_SECRET": "secret"}


@pytest.mark.parametrize(
    "value", ['{"SUPABASE_SERVICE_ROLE_KEY": "sb_secret_abc"', "{sb_secret_abc}", b"sb_secret_abc"]
)
def test_a_malformed_secret_is_named_and_not_repeated(value: str | bytes) -> None:
    with pytest.raises(SettingsError, match="SUPABASE_SECRET_ARN") as caught:
        secret_at(a_secret(value))

    assert "sb_secret_abc" not in str(caught.value)


@pytest.mark.parametrize("arn", ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:absent", "absent"])
def test_a_secret_that_does_not_exist_is_named(arn: str) -> None:
    with pytest.raises(SettingsError, match="SUPABASE_SECRET_ARN"):
        secret_at(arn)
