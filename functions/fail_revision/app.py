"""Ends builds that were tried too often as failed, with the reason: nothing stays in the dead-letter queue unseen."""

from uuid import UUID

from training_files.api.queue import queue_handler_of
from training_files.bootstrap import application
from training_files.ports.queue import Delivery


def fail_revision(revision_id: UUID, _: Delivery) -> None:
    application().service.give_up_revision(revision_id)


def fail_export(export_id: UUID, _: Delivery) -> None:
    application().service.give_up_export(export_id)


lambda_handler = queue_handler_of({"revision_id": fail_revision, "export_id": fail_export})
