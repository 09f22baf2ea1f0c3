"""The records that `TrainingFileService` takes and gives, in one place for whoever calls it from Python.

Each lies in the room of `training_files.domain` that it belongs to; the package itself imports it from there.
"""

from training_files.domain.analysis.finding_places import FindingPlace, FindingsPage, WantedFindings
from training_files.domain.conversation.choices import (
    ChoicesPage,
    ConversationCounts,
    ConversationPlace,
    ConversationSummary,
)
from training_files.domain.conversation.conversation_filter import ConversationFilter
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.conversation.selection import AdditionPreview, Balance, Selected, Selection
from training_files.domain.exports.export import (
    CreateExportInput,
    Export,
    ExportedFile,
    ExportFormat,
    ExportRequest,
    ExportResult,
    ExportSplit,
    ExportStatus,
    OfferedExport,
)
from training_files.domain.training_file.build_request import (
    AddConversationsInput,
    BuildOptions,
    CreateTrainingFileInput,
    RefreshConversationsInput,
    RemoveConversationsInput,
    RevertInput,
)
from training_files.domain.training_file.collection_rule import CollectionRule
from training_files.domain.training_file.comparison import ChangedMember, Comparison, ComparisonPlace, Difference
from training_files.domain.training_file.revision import Change, ChangeKind, Revision, RevisionStatus
from training_files.domain.training_file.tags import RevisionName, Tag
from training_files.domain.training_file.training_file import (
    BuiltTrainingFile,
    ChangedTrainingFile,
    ListTrainingFilesFilters,
    TrainingFile,
    TrainingFileChanges,
    TrainingFilePage,
    TrainingFileStatus,
)

__all__ = [
    "AddConversationsInput",
    "AdditionPreview",
    "Balance",
    "BuildOptions",
    "BuiltTrainingFile",
    "Change",
    "ChangeKind",
    "ChangedMember",
    "ChangedTrainingFile",
    "ChoicesPage",
    "CollectionRule",
    "Comparison",
    "ComparisonPlace",
    "ConversationCounts",
    "ConversationFilter",
    "ConversationPlace",
    "ConversationSummary",
    "CreateExportInput",
    "CreateTrainingFileInput",
    "Difference",
    "Export",
    "ExportFormat",
    "ExportRequest",
    "ExportResult",
    "ExportSplit",
    "ExportStatus",
    "ExportedFile",
    "FindingPlace",
    "FindingsPage",
    "Granularity",
    "ListTrainingFilesFilters",
    "OfferedExport",
    "RefreshConversationsInput",
    "RemoveConversationsInput",
    "RevertInput",
    "Revision",
    "RevisionName",
    "RevisionStatus",
    "Selected",
    "Selection",
    "Tag",
    "TrainingFile",
    "TrainingFileChanges",
    "TrainingFilePage",
    "TrainingFileStatus",
    "WantedFindings",
]
