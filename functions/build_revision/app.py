"""Builds what waits in the queue: one revision a message, on its own or at the same time as others."""

from uuid import UUID

from training_files.api.queue import queue_handler_of
from training_files.bootstrap import application


def build_revision(revision_id: UUID) -> None:
    application().service.build_revision(revision_id)


lambda_handler = queue_handler_of(build_revision, retry_soon=True)
