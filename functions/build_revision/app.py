"""Builds what waits in the queue: one revision or export a message, on its own or at the same time as others."""

from uuid import UUID

from training_files.api.queue import queue_handler_of
from training_files.bootstrap import application
from training_files.ports.queue import Delivery


def build_revision(revision_id: UUID, delivery: Delivery) -> None:
    application().service.build_revision(revision_id, delivery)


def build_export(export_id: UUID, _: Delivery) -> None:
    application().service.build_export(export_id)


lambda_handler = queue_handler_of({"revision_id": build_revision, "export_id": build_export}, retry_soon=True)
