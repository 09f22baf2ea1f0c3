"""Names for what models write in place: choices between texts, and objects with keys of their callers' own.

Programs that make clients make a class of each: with a name only once, and under a name that somebody wants to type.
"""

from typing import Any

from training_files.api.conversations.models import KeyField
from training_files.api.exports.models import ExportedFileKind, LengthsByTokenizer, SharesByLength
from training_files.api.exports.requests import Unwanted
from training_files.api.models import CountsByName
from training_files.api.report.models import CountsByReason, ObjectsRead, ScoreSpread, SourceChange
from training_files.api.training_files.requests import DownloadFormat, SettableStatus
from training_files.domain.conversation.choices import Sort
from training_files.domain.conversation.dialogues import LeftOutReason
from training_files.domain.conversation.faults import FaultCode
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.conversation.selection import Balance
from training_files.domain.exports.export import ExportFormat, ExportStatus
from training_files.domain.exports.splits import Split
from training_files.domain.exports.target import Unit
from training_files.domain.exports.targets import TargetName
from training_files.domain.health.findings import Rule, Severity
from training_files.domain.report.checks import CheckId, Status
from training_files.domain.tokens.estimate import Family
from training_files.domain.training_file.build_request import OnFault, OnUnhealthy
from training_files.domain.training_file.revision import ChangeKind, RevisionStatus
from training_files.domain.training_file.training_file import TrainingFileStatus

NAMES: dict[str, Any] = {
    "ChangeKind": ChangeKind,
    "CheckId": CheckId,
    "CheckStatus": Status,
    "CountsByName": CountsByName,
    "CountsByReason": CountsByReason,
    "DownloadFormat": DownloadFormat,
    "ExportFormat": ExportFormat,
    "ExportStatus": ExportStatus,
    "ExportedFileKind": ExportedFileKind,
    "FaultCode": FaultCode,
    "FindingRule": Rule,
    "FindingSeverity": Severity,
    "Granularity": Granularity,
    "FilterKeyField": KeyField,
    "LeftOutReason": LeftOutReason,
    "LengthsByTokenizer": LengthsByTokenizer,
    "LimitUnit": Unit,
    "ObjectsRead": ObjectsRead,
    "OnFault": OnFault,
    "SelectionBalance": Balance,
    "OnUnhealthy": OnUnhealthy,
    "OpenApiDocument": dict[str, Any],
    "RevisionStatus": RevisionStatus,
    "ScoreSpread": ScoreSpread,
    "SettableStatus": SettableStatus,
    "SharesByLength": SharesByLength,
    "SourceChange": SourceChange,
    "ConversationSort": Sort,
    "SplitName": Split,
    "TargetName": TargetName,
    "TokenizerFamily": Family,
    "TrainingFileStatus": TrainingFileStatus,
    "UnwantedFinding": Unwanted,
}
