"""All ports of the database as one object, as the fakes implement them and contract tests ask them."""

from typing import Protocol

from training_files.adapters.supabase.builds import SupabaseBuilds
from training_files.adapters.supabase.conversations import SupabaseConversations
from training_files.adapters.supabase.members import SupabaseMembers
from training_files.adapters.supabase.reports import SupabaseReports
from training_files.adapters.supabase.revisions import SupabaseRevisions
from training_files.adapters.supabase.shards import SupabaseShards
from training_files.adapters.supabase.tags import SupabaseTags
from training_files.adapters.supabase.training_files import SupabaseTrainingFiles
from training_files.ports.builds import BuildRepository
from training_files.ports.conversations import ConversationRepository
from training_files.ports.members import MemberRepository
from training_files.ports.reports import ReportRepository
from training_files.ports.revisions import RevisionRepository
from training_files.ports.shards import ShardRepository
from training_files.ports.tags import TagRepository
from training_files.ports.training_files import TrainingFileRepository


class Repository(
    ConversationRepository,
    TrainingFileRepository,
    RevisionRepository,
    MemberRepository,
    BuildRepository,
    ShardRepository,
    ReportRepository,
    TagRepository,
    Protocol,
):
    """Rows of conversations, training files and revisions."""


class SupabaseRepository(
    SupabaseConversations,
    SupabaseTrainingFiles,
    SupabaseRevisions,
    SupabaseMembers,
    SupabaseBuilds,
    SupabaseShards,
    SupabaseReports,
    SupabaseTags,
):
    """The real ones, over one database."""
