"""Every call of the API in one table: what its description is made from, and what tests hold the functions to."""

from training_files.api.about import calls as about
from training_files.api.call import Call
from training_files.api.conversations import calls as conversations
from training_files.api.diff import calls as diff
from training_files.api.exports import calls as exports
from training_files.api.findings import calls as findings
from training_files.api.hooks import calls as hooks
from training_files.api.report import calls as report
from training_files.api.suggestions import calls as suggestions
from training_files.api.tags import calls as tags
from training_files.api.training_files import calls as training_files

CALLS: tuple[Call, ...] = (
    *conversations.CALLS,
    *training_files.CALLS,
    *diff.CALLS,
    *tags.CALLS,
    *exports.CALLS,
    *findings.CALLS,
    *report.CALLS,
    *suggestions.CALLS,
    *about.CALLS,
    *hooks.CALLS,
)
