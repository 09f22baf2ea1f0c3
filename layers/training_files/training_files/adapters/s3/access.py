"""How Storage's S3 protocol is reached."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class S3Access:
    """Where the protocol is served, and the keys. Without a repr: two of the values are secrets."""

    endpoint_url: str
    access_key_id: str
    secret_access_key: str
    region: str
    timeout_seconds: float
