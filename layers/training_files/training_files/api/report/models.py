"""The shapes of a quality report."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict  # Pydantic asks for this one up to Python 3.11

from training_files.api.exports.models import (
    LengthsByTokenizer,
    LengthSpread,
    Share,
    SharesByLength,
    TargetReadiness,
    Tokens,
)
from training_files.api.models import Bytes, Count, FindingField, FindingOffset, Moment, Score, Uuid
from training_files.domain.conversation.dialogues import LeftOutReason
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.health.findings import Rule, Severity
from training_files.domain.report.checks import CheckId, Status
from training_files.domain.training_file.training_file import TrainingFileStatus

CountsByReason = dict[LeftOutReason, Count]
ScoreSpread = Literal["none", "flat", "nearly_flat", "varied"]
SourceChange = Literal["changed", "file_missing", "row_gone"]
ObjectsRead = Literal["all", "samples"]


class ReportedFile(TypedDict):
    id: Uuid
    name: str
    description: str | None
    status: TrainingFileStatus
    revision: Annotated[int, Field(ge=1, description="The one that the report is about.")]
    newest_revision: Annotated[int, Field(ge=1, description="The number of the current one.")]
    tags: Annotated[list[str], Field(description="Of the revision that the report is about.")]
    target_model: str | None
    conversation_count: Count
    total_training_pairs: Count
    trainable_pairs: Count
    last_updated_at: Moment


# `pass` is a word of Python's own, so this one is made from a dictionary.
ReportSummary = TypedDict("ReportSummary", {"status": Status, "pass": Count, "warn": Count, "fail": Count})
ReportSummary.__doc__ = "The worst status of all checks, and how many have each."


class CheckThreshold(TypedDict):
    """Below `minimum` a check fails; outside of what is recommended, it warns."""

    minimum: float | None
    recommended_from: float | None
    recommended_to: float | None


class ReportCheck(TypedDict):
    """A line of the quick start's checklist. `figure` is null where nothing can be counted."""

    id: CheckId
    title: str
    status: Status
    figure: float | None
    unit: str
    threshold: CheckThreshold
    hint: str


class KeyCount(TypedDict):
    key: str
    conversations: Count
    share: Share


class AspectBalance(TypedDict):
    evenness: Share
    largest_share: Share | None
    counts: Annotated[list[KeyCount], Field(description="The most frequent 1,000.")]
    keys: Count
    without_key: Count


class BalanceOfFile(TypedDict):
    rule: Annotated[str, Field(description="What evenness is, and when it passes.")]
    personas: AspectBalance
    emotional_arcs: AspectBalance
    training_topics: AspectBalance


class ScaffoldingCell(TypedDict):
    persona: str | None
    emotional_arc: str | None
    training_topic: str | None


class CountedCell(ScaffoldingCell):
    conversations: Count


class ArcOfPersona(TypedDict):
    emotional_arc: str
    persona: str
    conversations: Count


class CrossTables(TypedDict):
    """Personas by emotional arcs by training topics."""

    personas: list[str]
    emotional_arcs: list[str]
    training_topics: list[str]
    arcs_by_personas: Annotated[
        list[ArcOfPersona], Field(description="Whatever the training topic; the fullest 1,000.")
    ]
    cells: Annotated[list[CountedCell], Field(description="Those that have conversations, the fullest 1,000.")]
    cells_total: Count
    possible_cells: Count
    empty_cells: Annotated[
        list[ScaffoldingCell], Field(description="Those that the keys allow and nobody has, the first 100.")
    ]
    empty_cells_total: Count


# `from` is another such word.
ScoreBin = TypedDict("ScoreBin", {"from": Score, "to": Score, "pairs": Count})
ScoreBin.__doc__ = "Without its upper bound, but for the last one."


class LowConversation(TypedDict):
    conversation_id: Uuid
    average_score: Score


class ScoreFigures(TypedDict):
    average: Score | None
    minimum: Score | None
    maximum: Score | None
    scored_pairs: Count
    unscored_pairs: Count
    histogram: list[ScoreBin]
    distinct: Count
    most_common: Score | None
    most_common_share: Share
    spread: Annotated[
        ScoreSpread,
        Field(description="flat: all scores are equal; nearly_flat: 80 % of them are."),
    ]
    lowest_conversations: Annotated[list[LowConversation], Field(description="At most 5, the lowest first.")]


class ReviewedPairs(TypedDict):
    pairs: Count
    of_pairs: Count
    percentage: Annotated[float, Field(ge=0, le=100)]


class LengthBar(TypedDict):
    up_to: Annotated[int | None, Field(description="Estimated tokens; null for what is longer than all bounds.")]
    rows: Count


class RowLengths(TypedDict):
    """Of rows of format `messages`."""

    unit: Literal["tokens"]
    method: str
    rows: LengthSpread
    targets: LengthSpread
    over: SharesByLength
    max_length: Tokens
    recommended_max_length: Annotated[int, Field(ge=1, description="With room for what the estimate misses.")]
    by_tokenizer: LengthsByTokenizer
    total_tokens: Tokens
    histogram: list[LengthBar]


class LengthsByGranularity(TypedDict):
    conversation: RowLengths
    turn: RowLengths


class ReadinessOfFile(TypedDict):
    """For an export without a split: in format messages, and in the format that suits each target best."""

    granularity: Granularity
    default: list[TargetReadiness]
    best: list[TargetReadiness]


class LeftOutByGranularity(TypedDict):
    """How much of the file would give no row, and why."""

    conversation: CountsByReason
    turn: CountsByReason


class TextExcerpt(TypedDict):
    """The text around a place: what stands there, 60 characters on both sides, and how many more there are."""

    before: str
    marked: str
    after: str
    characters_before: Count
    characters_after: Count


class FindingPlace(TypedDict):
    severity: Severity
    conversation_id: Uuid | None
    turn: int | None
    field: FindingField
    offset: FindingOffset
    message: str
    excerpt: Annotated[
        TextExcerpt | None,
        Field(description="For the first 3 places of a rule, and 40 in all, where their text was read."),
    ]


class FindingsOfRule(TypedDict):
    """`severity` is that of the gravest."""

    rule: Rule
    severity: Severity
    count: Count
    conversations: Count
    conversation_ids: Annotated[list[Uuid], Field(description="In file order, the first 500.")]
    places: Annotated[list[FindingPlace], Field(description="The first 5.")]


class SeverityFigures(TypedDict):
    """What is found of one severity. A target is concerned by what is found in it, in what it answers, and in what all
    of its conversation has."""

    findings: Count
    conversations: Count
    targets: Count
    rules: list[Rule]


class TextHealth(TypedDict):
    unhealthy_conversations: Annotated[int, Field(ge=0, description="Those with an error of their own.")]
    errors: SeverityFigures
    warnings: SeverityFigures
    findings_total: Count
    rules: Annotated[list[FindingsOfRule], Field(description="The gravest first.")]


class DuplicateGroup(TypedDict):
    conversations: Count
    conversation_ids: Annotated[list[Uuid], Field(description="In file order, the first 20.")]


class ExactDuplicates(TypedDict):
    """Conversations that say the same as one before them."""

    conversations: Count
    groups_total: Count
    groups: Annotated[list[DuplicateGroup], Field(description="The first 20.")]


class ChangedSource(TypedDict):
    conversation_id: Uuid
    change: SourceChange


class ChangedSources(TypedDict):
    """Enriched files that are not what they were when their conversation was added.

    Files that were written since are read again and compared; `not_checked` are those beyond 100, or beyond 50 MB.
    """

    changed: Count
    compared: Count
    not_checked: Count
    conversations: Annotated[list[ChangedSource], Field(description="The first 50.")]


class ObjectReport(TypedDict):
    bytes: Bytes
    read_bytes: Count
    valid: bool
    problem_count: Count
    problems: Annotated[list[str], Field(description="The first 5.")]


class LinesReport(ObjectReport):
    null_targets: Annotated[int, Field(ge=0, description="Lines without a target.")]


class StoredObjects(TypedDict):
    """`all`: both were read completely. `samples`: they are over 25 MB, and their ends and the sample were read."""

    checked: ObjectsRead
    json: ObjectReport
    jsonl: LinesReport


class SampleText(TypedDict):
    content: str
    cut_characters: Annotated[int, Field(ge=0, description="How many more there are.")]


class SampleMessage(SampleText):
    role: str


class NamedKey(TypedDict):
    key: str | None
    name: str | None


class SamplePair(TypedDict):
    """What the user said since the assistant spoke last, and the target."""

    conversation_id: Uuid
    turn: int
    score: Score | None
    human_reviewed: bool
    persona: NamedKey
    emotional_arc: NamedKey
    training_topic: NamedKey
    system_prompt: SampleText | None
    earlier_messages: Count
    messages: list[SampleMessage]
    target: SampleText


class PairSample(TypedDict):
    seed: int
    pairs: Annotated[list[SamplePair], Field(description="At most 8, in file order.")]


class Report(TypedDict):
    training_file: ReportedFile
    summary: ReportSummary
    checks: list[ReportCheck]
    balance: BalanceOfFile
    cross_tables: CrossTables
    scores: ScoreFigures
    reviewed: ReviewedPairs
    lengths: LengthsByGranularity
    readiness: ReadinessOfFile
    left_out: LeftOutByGranularity
    health: TextHealth
    duplicates: ExactDuplicates
    sources: ChangedSources
    objects: StoredObjects
    sample: PairSample
    not_analysed: Annotated[
        int,
        Field(ge=0, description="Conversations that were added before there was an analysis; much leaves them out."),
    ]


class ReportAnswer(TypedDict):
    report: Report
