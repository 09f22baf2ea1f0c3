"""A missing or malformed setting is named in one clear line."""

from collections.abc import Mapping
from typing import Any

import pytest

from training_files.errors import SettingsError
from training_files.settings import S3Settings, Settings, settings_from

URL = "https://abcdefghijklmnop.supabase.co"
NEEDED = {"SUPABASE_URL": URL, "SUPABASE_SERVICE_ROLE_KEY": "sb_secret_key"}
S3 = {
    "SUPABASE_S3_ACCESS_KEY_ID": "the id",
    "SUPABASE_S3_SECRET_ACCESS_KEY": "sb_s3_secret",
    "SUPABASE_S3_REGION": "eu-central-1",
}


def the_settings(secret: Mapping[str, str] | None = None, **environment: str) -> Settings:
    def secret_at(arn: str) -> Mapping[str, str]:
        assert arn == "arn:secret"
        assert secret is not None
        return secret

    return settings_from(environment, secret_at)


def test_only_url_and_server_key_are_needed() -> None:
    settings = the_settings(**NEEDED)

    assert (settings.supabase_url, settings.service_role_key) == (URL, "sb_secret_key")
    assert (settings.jwt_secret, settings.target_model, settings.conversation_scope) == (None, None, "own")
    assert settings.issuer == f"{URL}/auth/v1"
    assert settings.s3 is None


@pytest.mark.parametrize(
    ("changes", "attribute", "expected"),
    [
        ({"SUPABASE_URL": f"{URL}/"}, "supabase_url", URL),
        (
            {"SUPABASE_URL": "", "NEXT_PUBLIC_SUPABASE_URL": "http://127.0.0.1:55321"},
            "supabase_url",
            "http://127.0.0.1:55321",
        ),
        ({"NEXT_PUBLIC_SUPABASE_URL": "https://other.supabase.co"}, "supabase_url", URL),
        ({"SUPABASE_JWT_SECRET": "secret"}, "jwt_secret", "secret"),
        ({"SUPABASE_JWT_SECRET": ""}, "jwt_secret", None),
        ({"CONVERSATION_SCOPE": "all"}, "conversation_scope", "all"),
        ({"CONVERSATION_SCOPE": ""}, "conversation_scope", "own"),
        ({}, "enriched_paths", "own"),
        ({}, "issuer", "https://abcdefghijklmnop.supabase.co/auth/v1"),
        ({"SUPABASE_JWT_ISSUER": "https://a.example/auth/v1"}, "issuer", "https://a.example/auth/v1"),
        ({}, "allow_anonymous", False),
        ({"ALLOW_ANONYMOUS_USERS": "yes"}, "allow_anonymous", True),
        ({"HOOK_SECRET": "s" * 32}, "hook_secret", "s" * 32),
        ({"HOOK_SECRET": ""}, "hook_secret", None),
        ({"ENRICHED_PATHS": "any"}, "enriched_paths", "any"),
        ({"TARGET_MODEL": "mistral-7b"}, "target_model", "mistral-7b"),
        ({"TARGET_MODEL": ""}, "target_model", None),
        ({"SUPABASE_TIMEOUT_SECONDS": "2.5"}, "timeout_seconds", 2.5),
        ({"BUILD_RETRY_SECONDS": ""}, "build_retry_seconds", 30),
        ({"BUILD_RETRY_SECONDS": "0"}, "build_retry_seconds", 0),
    ],
)
def test_a_setting_is_read_from_its_variable(changes: dict[str, str], attribute: str, expected: Any) -> None:
    assert getattr(the_settings(**NEEDED | changes), attribute) == expected


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SUPABASE_URL": ""}, "SUPABASE_URL"),
        ({"SUPABASE_URL": "abcdefghijklmnop.supabase.co"}, "SUPABASE_URL"),
        ({"SUPABASE_URL": "ftp://abcdefghijklmnop.supabase.co"}, "SUPABASE_URL"),
        ({"SUPABASE_URL": "https://"}, "SUPABASE_URL"),
        ({"SUPABASE_URL": "https://["}, "SUPABASE_URL"),
        ({"SUPABASE_SERVICE_ROLE_KEY": ""}, "SUPABASE_SERVICE_ROLE_KEY"),
        ({"SUPABASE_SERVICE_ROLE_KEY": "sb_secret_key\n"}, "SUPABASE_SERVICE_ROLE_KEY"),
        ({"SUPABASE_SERVICE_ROLE_KEY": "sb_sécret"}, "SUPABASE_SERVICE_ROLE_KEY"),
        ({"CONVERSATION_SCOPE": "mine"}, "CONVERSATION_SCOPE"),
        ({"ENRICHED_PATHS": "all"}, "ENRICHED_PATHS"),
        ({"ALLOW_ANONYMOUS_USERS": "true"}, "ALLOW_ANONYMOUS_USERS"),
        ({"HOOK_SECRET": "s" * 31}, "HOOK_SECRET"),
        ({"SUPABASE_TIMEOUT_SECONDS": "soon"}, "SUPABASE_TIMEOUT_SECONDS"),
        ({"SUPABASE_TIMEOUT_SECONDS": "0"}, "SUPABASE_TIMEOUT_SECONDS"),
        ({"SUPABASE_TIMEOUT_SECONDS": "nan"}, "SUPABASE_TIMEOUT_SECONDS"),
        ({"SUPABASE_TIMEOUT_SECONDS": "61"}, "SUPABASE_TIMEOUT_SECONDS"),
        ({"BUILD_RETRY_SECONDS": "1.5"}, "BUILD_RETRY_SECONDS"),
        ({"KEEP_REVISIONS": "0"}, "KEEP_REVISIONS"),
        ({"KEEP_EXPORTS_DAYS": "0"}, "KEEP_EXPORTS_DAYS"),
        (S3 | {"SUPABASE_S3_ACCESS_KEY_ID": ""}, "SUPABASE_S3_ACCESS_KEY_ID is"),
        (S3 | {"SUPABASE_S3_SECRET_ACCESS_KEY": ""}, "SUPABASE_S3_SECRET_ACCESS_KEY is"),
        (S3 | {"SUPABASE_S3_REGION": ""}, "SUPABASE_S3_REGION is"),
        (
            {"SUPABASE_S3_REGION": "eu-central-1"},
            "SUPABASE_S3_ACCESS_KEY_ID and SUPABASE_S3_SECRET_ACCESS_KEY are not set;",
        ),
        (S3 | {"SUPABASE_S3_SECRET_ACCESS_KEY": "sb_s3_secret\n"}, "SUPABASE_S3_SECRET_ACCESS_KEY"),
        (S3 | {"SUPABASE_S3_REGION": "eu—central"}, "SUPABASE_S3_REGION"),
    ],
)
def test_a_missing_or_malformed_setting_is_named_in_one_line(changes: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=f"^{named} ") as caught:
        the_settings(**NEEDED | changes)

    assert len(str(caught.value).splitlines()) == 1
    assert "sb_s" not in str(caught.value)


def test_a_secret_gives_the_keys() -> None:
    secret = {"SUPABASE_SERVICE_ROLE_KEY": "from the secret", "SUPABASE_JWT_SECRET": "also"}
    settings = the_settings(secret, SUPABASE_URL=URL, SUPABASE_SECRET_ARN="arn:secret")

    assert (settings.service_role_key, settings.jwt_secret) == ("from the secret", "also")


def test_a_variable_wins_over_the_secret_unless_it_is_empty() -> None:
    secret = {"SUPABASE_SERVICE_ROLE_KEY": "from the secret", "SUPABASE_JWT_SECRET": "also from the secret"}
    settings = the_settings(secret, **NEEDED, SUPABASE_SECRET_ARN="arn:secret", SUPABASE_JWT_SECRET="")

    assert (settings.service_role_key, settings.jwt_secret) == ("sb_secret_key", "also from the secret")


def test_the_s3_protocol_is_switched_on_by_its_three_settings() -> None:
    settings = the_settings(**NEEDED, **S3)

    assert settings.s3 == S3Settings("the id", "sb_s3_secret", "eu-central-1")


def test_the_s3_settings_may_come_from_the_secret() -> None:
    secret = {"SUPABASE_SERVICE_ROLE_KEY": "from the secret", **S3}
    settings = the_settings(secret, SUPABASE_URL=URL, SUPABASE_SECRET_ARN="arn:secret", SUPABASE_S3_REGION="local")

    assert settings.s3 == S3Settings("the id", "sb_s3_secret", "local")


def test_a_secret_without_the_server_key_is_no_way_around_it() -> None:
    with pytest.raises(SettingsError, match="SUPABASE_SERVICE_ROLE_KEY"):
        the_settings({}, SUPABASE_URL=URL, SUPABASE_SECRET_ARN="arn:secret")


def test_settings_never_show_their_secrets() -> None:
    settings = the_settings(**NEEDED, **S3)

    assert "sb_s" not in f"{settings!r} {settings.s3!r}"
