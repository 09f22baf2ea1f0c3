"""The shapes of answers about exports."""

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict  # Pydantic asks for this one up to Python 3.11

from training_files.api.models import Count, CountsByName, Cursor, Link, Moment, ScaffoldingDistribution, Score, Uuid
from training_files.domain.conversation.dialogues import LeftOutReason
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.export import ExportFormat, ExportStatus, Redact, Repair
from training_files.domain.exports.splits import Split
from training_files.domain.exports.target import Unit
from training_files.domain.exports.targets import TargetName
from training_files.domain.tokens.estimate import Family

Share = Annotated[float, Field(ge=0, le=1)]
Tokens = Annotated[int, Field(ge=0, description="Estimated tokens.")]
BY_TOKENIZER = (
    "For models that use o200k (GPT-4o, GPT-4.1, gpt-oss), cl100k (GPT-3.5), the tokenizers of Llama 3, of Qwen 2 to "
    "3 and of Qwen 3.5, or Tekken (Mistral NeMo and later ones)."
)


SharesByLength = Annotated[
    dict[str, Share], Field(description="Share of the rows that are longer than so many tokens.")
]
ExportedFileKind = Literal["rows", "metadata", "text", "bundle"]


class SplitAsked(TypedDict):
    validation: Share
    test: Share
    seed: int | Literal["best"]


class ExportFilter(TypedDict):
    min_quality_score: Score | None
    reviewed_only: bool
    without: list[str]


class ExportedFile(TypedDict):
    """`metadata` has a line for each line of the rows of its split, or of the file of them with the same number.

    `text` is the card, the manifest, or the settings of a trainer, beside files that are too many for a bundle.
    """

    name: str
    kind: ExportedFileKind
    split: Split | None
    rows: Count | None
    bytes: Count
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    filename: str
    download_url: Link


class ExportTotals(TypedDict):
    rows: Count
    conversations: Count
    trained_targets: Count
    characters: Count
    estimated_tokens: Count


class TurnPlace(TypedDict):
    conversation_id: Uuid
    turn: int


class LeftOutPlace(TypedDict):
    conversation_id: Uuid
    turn: int | None
    reason: LeftOutReason


class LeftOutRows(TypedDict):
    """What gave no row; the first 20 places."""

    by_reason: CountsByName
    places: list[LeftOutPlace]


class HistoryMismatch(TypedDict):
    """Where a history does not repeat the targets before it; the targets were trusted. The first 20 places."""

    count: Count
    places: list[TurnPlace]


class RowHealth(TypedDict):
    """What text health finds in the rows as they are exported."""

    unhealthy_rows: Annotated[int, Field(ge=0, description="Rows that train on a text with an error.")]
    rows_by_rule: CountsByName


class FilteredPlace(TypedDict):
    conversation_id: Uuid
    turn: int
    reasons: Annotated[
        list[str], Field(description="Rules of text health, min_quality_score, not_scored or reviewed_only.")
    ]


class FilteredTargets(TypedDict):
    """Targets that are not trained on; the first 100 places."""

    targets: Count
    lost_with_them: Annotated[int, Field(ge=0, description="Targets that do not fail, behind the end of a row.")]
    by_reason: CountsByName
    places: list[FilteredPlace]


class RewrittenPlace(TypedDict):
    """A text, at the turn where it is said first; `what` is `escapes` or a kind of personal data."""

    conversation_id: Uuid
    turn: int
    field: str
    what: str
    count: Count


class RewrittenTexts(TypedDict):
    """What was rewritten; texts that are said again count once. The first 100 places."""

    count: Count
    texts: Count
    by_kind: CountsByName
    places: list[RewrittenPlace]


class SplitShares(TypedDict):
    train: Share
    validation: Share
    test: Share


class SplitCounts(TypedDict):
    train: Count
    validation: Count
    test: Count


class SplitDistributions(TypedDict):
    train: ScaffoldingDistribution
    validation: ScaffoldingDistribution
    test: ScaffoldingDistribution


class SplitWarning(TypedDict):
    rule: str
    message: str


class BetterSeed(TypedDict):
    """A seed that represents the conversations better, and what it would give."""

    seed: int
    seeds_tried: Count
    conversations: SplitCounts
    got: SplitShares
    lacking: Annotated[int, Field(ge=0, description="Personas, arcs and topics that a split would still lack.")]


class SplitProof(TypedDict):
    """What really went into each split, and that no two share a conversation or an exact duplicate."""

    unit: Literal["conversation"]
    method: str
    seed: int
    seeds_tried: Annotated[
        int | None, Field(ge=1, description="Of how many `seed` is the best, if that was asked for.")
    ]
    asked: SplitShares
    got: SplitShares
    conversations: SplitCounts
    rows: SplitCounts
    shared_conversations: Count
    shared_duplicates: Count
    shared_near_duplicates: Annotated[
        int, Field(ge=0, description="Conversations that say almost the same as an earlier one in another split.")
    ]
    distribution: SplitDistributions
    warnings: list[SplitWarning]
    better_seed: Annotated[BetterSeed | None, Field(description="Where it lacks less, or comes nearer to the shares.")]


class LengthSpread(TypedDict):
    count: Count
    p5: Tokens | None
    p50: Tokens | None
    p95: Tokens | None
    max: Tokens | None


class TokenizerLengths(TypedDict):
    total_tokens: Tokens
    max_length: Tokens
    recommended_max_length: Annotated[int, Field(ge=1, description="With room for what the estimate misses.")]


LengthsByTokenizer = dict[Family, TokenizerLengths]


class ExportLengths(TypedDict):
    """For a model that nobody named: of each row, the most tokens that any of today's tokenizers makes of it."""

    unit: Literal["tokens"]
    method: str
    rows: LengthSpread
    targets: LengthSpread
    over: SharesByLength
    max_length: Annotated[int, Field(ge=0, description="The smallest that cuts nothing, as an estimate.")]
    recommended_max_length: Annotated[int, Field(ge=1, description="With room for what the estimate misses.")]
    by_tokenizer: NotRequired[Annotated[LengthsByTokenizer, Field(description=BY_TOKENIZER)]]


class RulePlace(TypedDict):
    conversation_id: Uuid
    turn: int
    split: Split
    text: NotRequired[Annotated[str, Field(description="The reserved word that stands there.")]]


class RuleFinding(TypedDict):
    rule: str
    limit: int | None
    unit: Unit | None
    count: Count
    message: str
    places: Annotated[list[RulePlace], Field(description="The first 5.")]
    source: str | None


Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", json_schema_extra={"format": "date"})]


class ServiceClosing(TypedDict):
    closed_from: Annotated[Day | None, Field(description="The first day without new jobs; null where none is named.")]
    message: str


class TunableModel(TypedDict):
    title: str
    id: str
    closed_from: Annotated[Day | None, Field(description="The first day without new jobs.")]
    ends: Annotated[Day | None, Field(description="The day on which the model is withdrawn.")]


class TargetReadiness(TypedDict):
    """Whether a trainer or service would take the files, and what is known of it."""

    target: TargetName
    title: str
    ready: bool
    format: ExportFormat
    broken: list[RuleFinding]
    warnings: list[RuleFinding]
    checked: NotRequired[Annotated[Day, Field(description="When its rules were compared with its documentation.")]]
    closing: NotRequired[
        Annotated[ServiceClosing, Field(description="Where a service takes no new jobs, or soon none.")]
    ]
    models: NotRequired[list[TunableModel]]
    note: NotRequired[str]
    recommended_format: NotRequired[ExportFormat]


class ExportError(TypedDict):
    message: str
    code: NotRequired[str]


class Export(TypedDict):
    """Until it is ready, `files` is empty and what is found out while it is built is null."""

    id: Uuid
    training_file_id: Uuid
    revision: Annotated[int, Field(ge=1)]
    format: ExportFormat
    granularity: Granularity
    split: SplitAsked | None
    bundle: bool
    filter: ExportFilter | None
    repair: list[Repair]
    redact: list[Redact]
    status: ExportStatus
    error: ExportError | None
    files: list[ExportedFile]
    expires_in_seconds: int | None
    totals: ExportTotals | None
    left_out: LeftOutRows | None
    history_mismatch: HistoryMismatch | None
    health: RowHealth | None
    filtered: FilteredTargets | None
    repaired: RewrittenTexts | None
    redacted: RewrittenTexts | None
    splits: SplitProof | None
    lengths: ExportLengths | None
    readiness: list[TargetReadiness] | None
    created_at: Moment
    finished_at: Moment | None


class ExportAnswer(TypedDict):
    export: Export


class ExportsAnswer(TypedDict):
    exports: list[Export]
    next_cursor: Cursor
