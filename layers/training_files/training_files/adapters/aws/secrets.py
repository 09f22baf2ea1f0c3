"""Secrets Manager: where a deployed system keeps the server key."""

import json
from collections.abc import Mapping

from training_files.errors import SettingsError


def secret_at(arn: str) -> Mapping[str, str]:
    """The values of a secret by variable name; a secret that is no JSON object is the server key itself.

    Raises SettingsError when the secret cannot be read.
    """
    # boto3 takes a third of a second to import; only a deployed system comes here, once per cold start.
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = boto3.client("secretsmanager").get_secret_value(SecretId=arn)
    except (BotoCoreError, ClientError) as error:
        reason = type(error).__name__
        raise SettingsError(f"The secret that SUPABASE_SECRET_ARN names cannot be read ({reason}).") from error
    if "SecretString" not in answer:
        raise SettingsError("The secret that SUPABASE_SECRET_ARN names is binary; it must be text.")
    return _values(answer["SecretString"])


def _values(secret: str) -> Mapping[str, str]:
    if not secret.lstrip().startswith("{"):
        return {"SUPABASE_SERVICE_ROLE_KEY": secret.strip()}
    try:
        values = json.loads(secret)
    except json.JSONDecodeError as error:
        raise SettingsError("The secret that SUPABASE_SECRET_ARN names starts as JSON but is none.") from error
    return {str(name): str(value) for name, value in values.items() if value}
