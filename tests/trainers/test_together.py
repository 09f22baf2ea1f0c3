"""Together's own client checks a file before it is uploaded, and agrees with the readiness of the export."""

import pytest
from together.utils.files import check_file

from tests.trainers.exports import Exports
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.export import ExportFormat
from training_files.domain.exports.rows import EXPORT_FORMATS


@pytest.mark.parametrize("granularity", ["conversation", "turn"])
@pytest.mark.parametrize("export_format", EXPORT_FORMATS)
def test_together_takes_what_is_ready_for_it(
    exports: Exports, export_format: ExportFormat, granularity: Granularity
) -> None:
    exported = exports.of(export_format, granularity)

    report = check_file(exported.file())

    assert report["is_check_passed"] == exported.readiness_for("together")["ready"], report
    assert report["utf8"]
    if report["is_check_passed"]:
        assert report["num_samples"] == exported.stated_rows["train"]
