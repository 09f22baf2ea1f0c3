"""Checks of the buckets and of who gets at their objects."""

from collections.abc import Iterator

from infra.checks.expected import (
    BUCKET,
    CONVERSATION_BUCKET,
    MIGRATE,
    MIME_TYPES,
    OBJECT_POLICIES,
    SMALL_BUCKET_BYTES,
    USELESS_BUCKET_BYTES,
)
from infra.checks.finding import Finding
from infra.checks.policies import Policy, policies_for_users
from infra.project_database import Database


def check_storage(database: Database) -> Iterator[Finding]:
    yield Finding(f"bucket {BUCKET}: private, size limit, types", _bucket_fault(database), _bucket_remark(database))
    yield Finding(f"bucket {CONVERSATION_BUCKET}", _conversation_bucket_fault(database))
    yield Finding(f"who writes into {CONVERSATION_BUCKET}", warning=_conversation_writers(database))
    yield Finding("storage policies: owners read, only the service writes", _policy_fault(database))


def _bucket_fault(database: Database) -> str | None:
    query = "select public, file_size_limit, allowed_mime_types from storage.buckets where id = %s"
    row = database.execute(query, [BUCKET]).fetchone()
    if row is None:
        return f"the bucket is missing; {MIGRATE}"
    is_public, size_limit, mime_types = row
    if is_public:
        return f"it is public; {MIGRATE}"
    if not size_limit or set(mime_types or ()) != MIME_TYPES:
        return f"its size limit or its types are not set; {MIGRATE}"
    if size_limit < USELESS_BUCKET_BYTES:
        advice = "set TRAINING_FILES_BUCKET_SIZE_LIMIT and run `make migrate`"
        return f"it takes only {size_limit:,} bytes an object; {advice}"
    return None


def _bucket_remark(database: Database) -> str | None:
    row = database.execute("select file_size_limit from storage.buckets where id = %s", [BUCKET]).fetchone()
    size_limit = row[0] if row else None
    if not size_limit or size_limit >= SMALL_BUCKET_BYTES:
        return None
    return (
        f"it takes {size_limit:,} bytes an object, less than a training file of some hundred conversations has; "
        "TRAINING_FILES_BUCKET_SIZE_LIMIT and `make migrate` set another limit"
    )


def _conversation_bucket_fault(database: Database) -> str | None:
    row = database.execute("select public from storage.buckets where id = %s", [CONVERSATION_BUCKET]).fetchone()
    if row is None:
        return f"the bucket is missing; {MIGRATE}"
    return "it is public: anyone can read your conversations; make it private" if row[0] else None


def _conversation_writers(database: Database) -> str | None:
    writing = [
        policy
        for policy in policies_for_users(database, "storage.objects")
        if policy.command != "SELECT" and not policy.spares(CONVERSATION_BUCKET)
    ]
    if not writing:
        return None
    named = ", ".join(f'"{policy.name}" ({policy.command.lower()})' for policy in writing)
    return (
        f"{named} lets users write there, so that they choose what is taken for an enriched conversation; drop it, or "
        "limit it to another bucket"
    )


def _policy_fault(database: Database) -> str | None:
    query = "select relrowsecurity from pg_class where oid = 'storage.objects'::regclass"
    if database.execute(query).fetchone() != (True,):
        return "row level security of storage.objects is switched off: anyone may read and write; switch it on"
    policies = policies_for_users(database, "storage.objects")
    ours = [policy for policy in policies if policy.name in OBJECT_POLICIES]
    if len(ours) < len(OBJECT_POLICIES) or not all(map(_is_as_it_was_made, ours)):
        return f"a policy for owners is missing or changed; {MIGRATE}"
    others = [policy for policy in policies if policy not in ours and not policy.spares(BUCKET)]
    if others:
        named = ", ".join(f'"{policy.name}" ({policy.command.lower()})' for policy in others)
        return f"{named} lets users at {BUCKET}; drop it, or limit it to another bucket by bucket_id = '…' and …"
    return None


def _is_as_it_was_made(policy: Policy) -> bool:
    return (
        policy.command == "SELECT"
        and policy.asks_who_calls
        and all(f"bucket_id = '{BUCKET}'" in condition for condition in policy.conditions)
    )
