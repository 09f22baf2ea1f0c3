"""A missing or malformed setting is named in one clear line."""

import json
from collections.abc import Mapping
from typing import Any

import jwt
import pytest

from training_files.errors import SettingsError
from training_files.settings import (
    S3Settings,
    SecretReader,
    Settings,
    hook_settings_from,
    reading_settings_from,
    settings_from,
)

URL = "https://abcdefghijklmnop.supabase.co"
NEEDED = {"SUPABASE_URL": URL, "SUPABASE_SERVICE_ROLE_KEY": "sb_secret_key"}
S3 = {
    "SUPABASE_S3_ACCESS_KEY_ID": "the id",
    "SUPABASE_S3_SECRET_ACCESS_KEY": "sb_s3_secret",
    "SUPABASE_S3_REGION": "eu-central-1",
}


def the_settings(secrets: Mapping[str, Any] | None = None, **environment: str) -> Settings:
    return settings_from(environment, reader_of(secrets or {}))


def reader_of(secrets: Mapping[str, Any]) -> SecretReader:
    """Reads secrets by the variables that name them; an object stands for its JSON."""

    def secret_at(arn: str, variable: str) -> str:
        assert arn == f"arn:{variable}"
        secret = secrets[variable]
        return secret if isinstance(secret, str) else json.dumps(secret)

    return secret_at


def named(*variables: str) -> dict[str, str]:
    return {variable: f"arn:{variable}" for variable in variables}


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
        ({"ENRICHED_PATHS": "any"}, "enriched_paths", "any"),
        ({}, "usable_statuses", ("completed",)),
        ({"USABLE_STATUSES": "enriched, completed"}, "usable_statuses", ("enriched", "completed")),
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
        ({"SUPABASE_URL": f"{URL}/rest/v1"}, "SUPABASE_URL"),
        ({"SUPABASE_SERVICE_ROLE_KEY": "sb_publishable_key"}, "SUPABASE_SERVICE_ROLE_KEY"),
        ({"SUPABASE_SERVICE_ROLE_KEY": ""}, "SUPABASE_SERVICE_ROLE_KEY"),
        ({"SUPABASE_SERVICE_ROLE_KEY": "sb_secret_key\n"}, "SUPABASE_SERVICE_ROLE_KEY"),
        ({"SUPABASE_SERVICE_ROLE_KEY": "sb_sécret"}, "SUPABASE_SERVICE_ROLE_KEY"),
        ({"CONVERSATION_SCOPE": "mine"}, "CONVERSATION_SCOPE"),
        ({"ENRICHED_PATHS": "all"}, "ENRICHED_PATHS"),
        ({"USABLE_STATUSES": "complete"}, "USABLE_STATUSES"),
        ({"USABLE_STATUSES": "completed,"}, "USABLE_STATUSES"),
        ({"ALLOW_ANONYMOUS_USERS": "true"}, "ALLOW_ANONYMOUS_USERS"),
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
    secret = {"SUPABASE_SERVICE_ROLE_KEY": "from the secret", "SUPABASE_JWT_SECRET": "also", "TARGET_MODEL": ""}
    settings = the_settings({"SUPABASE_SECRET_ARN": secret}, SUPABASE_URL=URL, **named("SUPABASE_SECRET_ARN"))

    assert (settings.service_role_key, settings.jwt_secret) == ("from the secret", "also")


@pytest.mark.parametrize("key", ["sb_secret_abc", " eyJhbGciOi.abc.def\n"])
def test_a_secret_that_is_no_object_is_the_server_key_itself(key: str) -> None:
    settings = the_settings({"SUPABASE_SECRET_ARN": key}, SUPABASE_URL=URL, **named("SUPABASE_SECRET_ARN"))

    assert settings.service_role_key == key.strip()


def test_a_variable_wins_over_the_secret_unless_it_is_empty() -> None:
    secret = {"SUPABASE_SERVICE_ROLE_KEY": "from the secret", "SUPABASE_JWT_SECRET": "also from the secret"}
    environment = NEEDED | named("SUPABASE_SECRET_ARN") | {"SUPABASE_JWT_SECRET": ""}
    settings = the_settings({"SUPABASE_SECRET_ARN": secret}, **environment)

    assert (settings.service_role_key, settings.jwt_secret) == ("sb_secret_key", "also from the secret")


def test_the_s3_protocol_is_switched_on_by_its_three_settings() -> None:
    settings = the_settings(**NEEDED, **S3)

    assert settings.s3 == S3Settings("the id", "sb_s3_secret", "eu-central-1")


def test_the_s3_settings_may_come_from_a_secret_of_their_own() -> None:
    environment = NEEDED | named("SUPABASE_S3_SECRET_ARN") | {"SUPABASE_S3_REGION": "local"}
    settings = the_settings({"SUPABASE_S3_SECRET_ARN": S3}, **environment)

    assert settings.s3 == S3Settings("the id", "sb_s3_secret", "local")


def test_a_secret_without_the_server_key_is_no_way_around_it() -> None:
    with pytest.raises(SettingsError, match="SUPABASE_SERVICE_ROLE_KEY"):
        the_settings({"SUPABASE_SECRET_ARN": {}}, SUPABASE_URL=URL, **named("SUPABASE_SECRET_ARN"))


@pytest.mark.parametrize(
    ("variable", "secret"),
    [
        ("SUPABASE_SECRET_ARN", '{"SUPABASE_SERVICE_ROLE_KEY": "sb_secret_abc"'),
        ("SUPABASE_SECRET_ARN", "{sb_secret_abc}"),
        ("SUPABASE_S3_SECRET_ARN", "sb_secret_abc"),
        ("SUPABASE_S3_SECRET_ARN", '["sb_secret_abc"]'),
    ],
)
def test_a_malformed_secret_is_named_and_not_repeated(variable: str, secret: str) -> None:
    with pytest.raises(SettingsError, match=variable) as caught:
        the_settings({variable: secret}, **NEEDED, **named(variable))

    assert "sb_secret_abc" not in str(caught.value)


def test_functions_that_only_read_need_no_secret() -> None:
    settings = reading_settings_from({"SUPABASE_URL": URL, "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_key"})

    assert (settings.supabase_url, settings.publishable_key) == (URL, "sb_publishable_key")
    assert (settings.issuer, settings.allow_anonymous) == (f"{URL}/auth/v1", False)


def legacy_key(role: str) -> str:
    return jwt.encode({"role": role}, "a secret of the project that is at least 32 bytes long", "HS256")


def test_the_publishable_key_may_be_a_legacy_one() -> None:
    key = legacy_key("anon")

    assert reading_settings_from({"SUPABASE_URL": URL, "SUPABASE_PUBLISHABLE_KEY": key}).publishable_key == key


@pytest.mark.parametrize("key", ["", "sb_secret_key", " sb_publishable_key", legacy_key("service_role")])
def test_what_is_no_publishable_key_is_named_and_not_repeated(key: str) -> None:
    with pytest.raises(SettingsError, match=r"^SUPABASE_PUBLISHABLE_KEY ") as caught:
        reading_settings_from({"SUPABASE_URL": URL, "SUPABASE_PUBLISHABLE_KEY": key})

    assert not key or key not in str(caught.value)


@pytest.mark.parametrize("secret", ["s" * 32, {"HOOK_SECRET": "s" * 32}], ids=["bare", "in an object"])
def test_the_hook_has_a_secret_of_its_own(secret: Any) -> None:
    settings = hook_settings_from(named("HOOK_SECRET_ARN"), reader_of({"HOOK_SECRET_ARN": secret}))

    assert settings.hook_secret == "s" * 32


def test_without_its_secret_the_hook_has_none() -> None:
    settings = hook_settings_from({"HOOK_SECRET": "", "HOOK_SECRET_ARN": ""}, reader_of({}))

    assert (settings.hook_secret, settings.enriched_queue_url) == (None, None)


def test_a_short_secret_of_the_hook_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"^HOOK_SECRET "):
        hook_settings_from({"HOOK_SECRET": "s" * 31}, reader_of({}))


def test_settings_never_show_their_secrets() -> None:
    settings = the_settings(**NEEDED, **S3)

    assert "sb_s" not in f"{settings!r} {settings.s3!r}"
