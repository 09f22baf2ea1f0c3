"""Writing a ZIP archive from disk: in flat memory, and the same bytes whenever it is written."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

# The format knows no earlier moment.
EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
UNIX = 3
READABLE_BY_ALL = 0o100644 << 16
CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """A file of an archive: its name in there, and its bytes, in memory or on disk."""

    name: str
    content: bytes | Path


def write_zip(target: IO[bytes], entries: Iterable[ZipEntry], *, dated: datetime) -> None:
    """Writes an archive whose bytes depend on nothing but its entries, their order and the date they all bear."""
    moment = max(dated.astimezone(UTC), EARLIEST)
    with ZipFile(target, "w") as archive:
        for entry in entries:
            info = _info(entry, moment)
            if isinstance(entry.content, bytes):
                archive.writestr(info, entry.content)
            else:
                # A stated size decides in time whether the entry needs the fields of large files.
                info.file_size = entry.content.stat().st_size
                with entry.content.open("rb") as source, archive.open(info, "w") as member:
                    shutil.copyfileobj(source, member, CHUNK_BYTES)


def _info(entry: ZipEntry, moment: datetime) -> ZipInfo:
    info = ZipInfo(entry.name, moment.timetuple()[:6])
    info.compress_type = ZIP_DEFLATED
    # Both would otherwise depend on the machine.
    info.create_system = UNIX
    info.external_attr = READABLE_BY_ALL
    return info
