"""A training file is given a collection rule that means something, over fakes."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from tests.support.trouble import Trouble
from tests.support.workshop import Workshop
from training_files.domain.training_file.build_request import BuildOptions
from training_files.domain.training_file.collection_rule import CollectionRule
from training_files.domain.training_file.training_file import ChangedTrainingFile, TrainingFileChanges
from training_files.errors import TrainingFileNotFoundError
from training_files.service import TrainingFileService


@pytest.fixture
def workshop() -> Workshop:
    return Workshop.new()


@pytest.fixture
def file_id(workshop: Workshop) -> UUID:
    return workshop.a_training_file(workshop.a_conversation(persona_key="late_saver", tier="template"))


def changed(service: TrainingFileService, file_id: UUID, rule: CollectionRule | None) -> ChangedTrainingFile:
    return service.update_training_file(file_id, TrainingFileChanges(collect=rule))


def test_keys_that_no_conversation_has_are_named_with_the_nearest(workshop: Workshop, file_id: UUID) -> None:
    rule = CollectionRule(personas=("late_saver", "late_savr"), tiers=("templat", "?"))

    answer = changed(workshop.service, file_id, rule)

    assert answer.collect == rule
    assert [(each.field, each.key, each.nearest) for each in answer.unknown_keys] == [
        ("personas", "late_savr", "late_saver"),
        ("tiers", "templat", "template"),
        ("tiers", "?", None),
    ]


@pytest.mark.parametrize("rule", [None, CollectionRule(), CollectionRule(personas=("late_saver",))])
def test_others_are_not_named(workshop: Workshop, file_id: UUID, rule: CollectionRule | None) -> None:
    answer = changed(workshop.service, file_id, rule)

    assert (answer.collect, answer.unknown_keys) == (rule, ())


def test_who_is_trusted_is_told_what_the_owner_would_be(workshop: Workshop, file_id: UUID) -> None:
    stranger = replace(workshop, owner=uuid4())
    stranger.a_conversation(persona_key="known to a stranger")
    trusted = TrainingFileService(replace(workshop.context, owner=None))

    answer = changed(trusted, file_id, CollectionRule(personas=("known to a stranger",)))

    assert [each.key for each in answer.unknown_keys] == ["known to a stranger"]
    with pytest.raises(TrainingFileNotFoundError):
        changed(trusted, file_id, CollectionRule(not_in=(stranger.a_training_file(),)))


def test_a_rule_that_names_another_users_file_is_refused_and_nothing_is_changed(
    workshop: Workshop, file_id: UUID
) -> None:
    foreign = replace(workshop, owner=uuid4()).a_training_file()
    before = workshop.repository.training_files[file_id]

    for named in (foreign, uuid4()):
        with pytest.raises(TrainingFileNotFoundError, match=str(named)):
            changed(workshop.service, file_id, CollectionRule(not_in=(file_id, named)))

    assert workshop.repository.training_files[file_id] == before


def test_an_edit_without_keys_counts_nothing(workshop: Workshop, file_id: UUID) -> None:
    counted: list[bool] = []
    service = replace(
        workshop, trouble=Trouble(meanwhile=("summarize_conversations", lambda: counted.append(True)))
    ).service

    service.update_training_file(file_id, TrainingFileChanges(description="new", collect=CollectionRule()))
    assert counted == []

    changed(service, file_id, CollectionRule(personas=("x",)))
    assert counted


@pytest.mark.parametrize(
    ("least", "most", "taken", "left"),
    [
        (None, None, [None, 0, 5], []),
        (3, None, [3, 5], [None, "2.99"]),
        (None, 3, [0, 3], [None, "3.01"]),
        (3, 3, [3], [None, "2.99", "3.01"]),
        (0, None, [0], [None]),
    ],
)
def test_what_has_no_score_is_within_no_limit(
    least: object, most: object, taken: list[object], left: list[object]
) -> None:
    options = BuildOptions.model_validate({"min_quality_score": least, "max_quality_score": most})

    def takes(score: object) -> bool:
        return options.takes(BuildOptions.model_validate({"min_quality_score": score}).min_quality_score)

    assert [takes(score) for score in taken] == [True] * len(taken)
    assert [takes(score) for score in left] == [False] * len(left)
