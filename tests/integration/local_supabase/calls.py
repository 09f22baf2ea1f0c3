"""What tests read from the clients' answers, with its type."""

from typing import Any, Protocol, cast

import pytest
from postgrest.exceptions import APIError
from supabase import Client


class RequestBuilder(Protocol):
    """What all of the client's builders have in common."""

    def execute(self) -> Any: ...


def rows(request: RequestBuilder) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", request.execute().data)


def raised(request: RequestBuilder) -> APIError:
    with pytest.raises(APIError) as caught:
        request.execute()
    return caught.value


def signed_url(client: Client, bucket: str, path: str, expires_in_seconds: int = 60) -> str:
    url = client.storage.from_(bucket).create_signed_url(path, expires_in_seconds)["signedURL"]
    assert url is not None
    return url
