"""Secrets Manager: where a deployed system keeps its keys."""

from training_files.errors import SettingsError


def secret_at(arn: str, variable: str) -> str:
    """The text of a secret, which the variable of this name names.

    Raises SettingsError when it cannot be read.
    """
    # boto3 takes a third of a second to import; only functions with a secret come here, once per cold start.
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = boto3.client("secretsmanager").get_secret_value(SecretId=arn)
    except (BotoCoreError, ClientError) as error:
        reason = type(error).__name__
        raise SettingsError(f"The secret that {variable} names cannot be read ({reason}).") from error
    if "SecretString" not in answer:
        raise SettingsError(f"The secret that {variable} names is binary; it must be text.")
    return str(answer["SecretString"])
