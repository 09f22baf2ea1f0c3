"""ZIP archives: what was put in comes out, and the bytes depend on nothing else."""

import io
import os
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zipfile import ZipFile

import pytest

from training_files.exports.archive import ZipEntry, write_zip

MOMENT = datetime(2026, 2, 3, 4, 5, 6, 789_000, tzinfo=UTC)
LINES = b'{"messages": []}\n' * 200_000


def archive(entries: list[ZipEntry], dated: datetime = MOMENT) -> bytes:
    target = io.BytesIO()
    write_zip(target, entries, dated=dated)
    return target.getvalue()


def on_disk(folder: Path, *, modified: int) -> ZipEntry:
    folder.mkdir()
    path = folder / "rows.jsonl"
    path.write_bytes(LINES)
    path.chmod(0o600 if modified % 2 else 0o644)
    os.utime(path, (modified, modified))
    return ZipEntry("train.jsonl", path)


def test_what_was_put_in_comes_out_in_its_order(tmp_path: Path) -> None:
    entries = [on_disk(tmp_path / "a", modified=1), ZipEntry("README.md", "naïve ✓".encode()), ZipEntry("empty", b"")]

    with ZipFile(io.BytesIO(archive(entries))) as found:
        assert found.testzip() is None
        assert found.namelist() == ["train.jsonl", "README.md", "empty"]
        assert found.read("train.jsonl") == LINES
        assert found.read("README.md") == "naïve ✓".encode()


def test_the_bytes_do_not_depend_on_where_and_when_the_files_were_written(tmp_path: Path) -> None:
    first, second = (on_disk(tmp_path / str(time), modified=time) for time in (1_000_000_000, 1_000_000_001))

    assert archive([first]) == archive([second])


def test_the_bytes_do_not_depend_on_whether_an_entry_was_in_memory(tmp_path: Path) -> None:
    entry = on_disk(tmp_path / "a", modified=1)

    assert archive([entry]) == archive([ZipEntry(entry.name, LINES)])


def test_all_entries_bear_the_date_given_in_utc_and_can_be_read_by_all() -> None:
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=9)))
    written = archive([ZipEntry("a", b"a")], elsewhere)

    assert written == archive([ZipEntry("a", b"a")])
    with ZipFile(io.BytesIO(written)) as found:
        assert found.infolist()[0].date_time == (2026, 2, 3, 4, 5, 6)
        assert found.infolist()[0].external_attr >> 16 == 0o100644


def test_the_bytes_do_not_depend_on_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    here = archive([ZipEntry("a", b"a")])
    monkeypatch.setattr(sys, "platform", "win32")

    assert archive([ZipEntry("a", b"a")]) == here


def test_a_date_before_the_formats_first_is_the_formats_first() -> None:
    with ZipFile(io.BytesIO(archive([ZipEntry("a", b"a")], datetime(1970, 1, 1, tzinfo=UTC)))) as found:
        assert found.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)


def test_rows_are_compressed(tmp_path: Path) -> None:
    assert len(archive([on_disk(tmp_path / "a", modified=1)])) < len(LINES) / 10
