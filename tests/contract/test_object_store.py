"""What an object store promises, whichever it is."""

import time
from pathlib import Path
from uuid import uuid4

import pytest

from tests.contract.subjects import ObjectStoreSubject
from training_files.ports.objects import BytesPart, LocalPart, ObjectMissingError, StoredPart

JSON = "application/json"
GIVE_UP_AFTER_SECONDS = 10

# Not all of them are allowed in new objects of hosted projects; a path in a row may hold anything.
ODD_NAMES = [
    "with spaces.json",
    "naïve—日本.json",
    "100%.json",
    "a%20b%2Fc.json",
    "q?x=1&y#z+.json",
    "%2e%2e.json",
    "%ff",
]


@pytest.fixture
def path() -> str:
    return f"{uuid4()}/training.json"


def test_what_was_written_is_read(objects: ObjectStoreSubject, path: str) -> None:
    content = bytes(range(256)) * 100

    size = objects.store.write(path, [BytesPart(content)], JSON)

    assert size == len(content)
    assert objects.store.read(path) == content


def test_an_object_is_put_together_from_parts_in_their_order(
    objects: ObjectStoreSubject, path: str, tmp_path: Path
) -> None:
    objects.store.write(base := f"{uuid4()}/base.json", [BytesPart(b"0123456789")], JSON)
    local = tmp_path / "local"
    local.write_bytes(b"abcdefghij")
    parts = [
        BytesPart(b"<"),
        StoredPart(base, 2, 5),
        LocalPart(local, 0, 1),
        LocalPart(local, 7, 10),
        StoredPart(base, 9, 10),
        BytesPart(b">"),
    ]

    assert objects.store.write(path, parts, JSON) == sum(part.size for part in parts) == 10
    assert objects.store.read(path) == b"<234ahij9>"


def test_stretches_may_leave_gaps_overlap_and_come_in_any_order(objects: ObjectStoreSubject, path: str) -> None:
    objects.store.write(one := f"{uuid4()}/one.json", [BytesPart(b"0123456789")], JSON)
    objects.store.write(two := f"{uuid4()}/two.json", [BytesPart(b"abcdefghij")], JSON)
    stretches = [
        (one, 0, 1),
        (one, 2, 5),
        (one, 3, 4),
        (two, 1, 3),
        (two, 3, 3),
        (two, 5, 6),
        (one, 7, 9),
        (one, 0, 10),
    ]

    objects.store.write(path, [StoredPart(*stretch) for stretch in stretches], JSON)

    assert objects.store.read(path) == b"0" + b"234" + b"3" + b"bc" + b"f" + b"78" + b"0123456789"


def test_a_part_larger_than_a_chunk_arrives_whole(objects: ObjectStoreSubject, path: str) -> None:
    content = bytes(range(251)) * 13_000
    objects.store.write(base := f"{uuid4()}/base.json", [BytesPart(content)], JSON)

    objects.store.write(path, [StoredPart(base, 1, len(content))], JSON)

    assert objects.store.read(path) == content[1:]


def test_an_object_grows_in_front_and_behind(objects: ObjectStoreSubject, path: str, tmp_path: Path) -> None:
    """As an addition writes it: large enough for S3 to copy, and too little of it new for parts of their own."""
    content = bytes(range(251)) * 28_000
    objects.store.write(base := f"{uuid4()}/base.json", [BytesPart(content)], JSON)
    local = tmp_path / "local"
    local.write_bytes(b"new and " * 100_000)
    parts = [
        BytesPart(b"header"),
        StoredPart(base, 10, len(content) - 2),
        BytesPart(b","),
        LocalPart(local, 8, 800_000),
        BytesPart(b"tail"),
    ]

    assert objects.store.write(path, parts, JSON) == sum(part.size for part in parts)
    assert objects.store.read(path) == b"header" + content[10:-2] + b"," + b"new and " * 99_999 + b"tail"


@pytest.mark.parametrize("parts", [[], [BytesPart(b"")]], ids=["no part", "an empty part"])
def test_an_object_may_be_empty(objects: ObjectStoreSubject, path: str, parts: list[BytesPart]) -> None:
    assert objects.store.write(path, parts, "application/x-ndjson") == 0

    assert objects.store.read(path) == b""


def test_writing_again_has_the_same_effect_as_once(objects: ObjectStoreSubject, path: str) -> None:
    for _ in range(2):
        assert objects.store.write(path, [BytesPart(b"{}")], JSON) == 2

    assert objects.store.read(path) == b"{}"


def test_a_missing_object_is_reported_as_missing(objects: ObjectStoreSubject, path: str) -> None:
    with pytest.raises(ObjectMissingError):
        objects.store.read(path)
    for end in (1, 20_000_000):
        with pytest.raises(ObjectMissingError, match=path):
            objects.store.write(f"{uuid4()}/new.json", [StoredPart(path, 0, end)], JSON)
    with pytest.raises(ObjectMissingError):
        objects.store.signed_url(path, expires_in_seconds=60)


def test_removing_removes_what_is_there_and_minds_nothing_else(objects: ObjectStoreSubject, path: str) -> None:
    objects.store.write(path, [BytesPart(b"{}")], JSON)
    objects.store.write(kept := f"{uuid4()}/training.json", [BytesPart(b"[]")], JSON)

    for _ in range(2):
        objects.store.remove([path, f"{uuid4()}/never.json"])

    with pytest.raises(ObjectMissingError):
        objects.store.read(path)
    assert objects.store.read(kept) == b"[]"


def test_a_link_gives_the_object_under_its_download_name(objects: ObjectStoreSubject, path: str) -> None:
    objects.store.write(path, [BytesPart(b"{}")], JSON)
    name = 'Café "Q&A" 50% — 1/2.json'

    url = objects.store.signed_url(path, expires_in_seconds=60, download_name=name)

    assert objects.opened(url) == (b"{}", name)


def test_a_link_without_a_download_name_gives_the_object(objects: ObjectStoreSubject, path: str) -> None:
    objects.store.write(path, [BytesPart(b"{}")], JSON)

    assert objects.opened(objects.store.signed_url(path, expires_in_seconds=60)) == (b"{}", "")


def test_a_link_expires(objects: ObjectStoreSubject, path: str) -> None:
    objects.store.write(path, [BytesPart(b"{}")], JSON)
    url = objects.store.signed_url(path, expires_in_seconds=1)
    give_up_at = time.monotonic() + GIVE_UP_AFTER_SECONDS

    objects.pass_time(seconds=1)
    while objects.opened(url) is not None and time.monotonic() < give_up_at:
        time.sleep(0.05)

    assert objects.opened(url) is None


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_path_may_hold_odd_characters(objects: ObjectStoreSubject, name: str) -> None:
    objects.skip_if_misread(name)
    path = f"{uuid4()}/{name}"
    content = path.encode()
    objects.store.write(path, [BytesPart(content)], JSON)

    assert objects.store.read(path) == content
    assert objects.opened(objects.store.signed_url(path, expires_in_seconds=60)) == (content, "")


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_part_may_come_from_an_odd_path(objects: ObjectStoreSubject, path: str, name: str) -> None:
    objects.skip_if_misread(name)
    base = f"{uuid4()}/{name}"
    objects.store.write(base, [BytesPart(b"0123")], JSON)

    objects.store.write(path, [StoredPart(base, 1, 3)], JSON)

    assert objects.store.read(path) == b"12"


@pytest.mark.parametrize("name", ["with spaces.json", "naïve—日本.json", "(1) a+b=c, d & $e.json"])
def test_an_object_of_an_odd_path_can_be_removed(objects: ObjectStoreSubject, name: str) -> None:
    path = f"{uuid4()}/{name}"
    objects.store.write(path, [BytesPart(b"{}")], JSON)

    objects.store.remove([path])

    with pytest.raises(ObjectMissingError):
        objects.store.read(path)


@pytest.mark.parametrize(
    "spelling",
    ["../training-files/{path}", "{folder}/../{path}", "./{path}", "{folder}/./training.json", "..", "{escaped}"],
)
def test_a_path_is_no_other_spelling_of_another(objects: ObjectStoreSubject, path: str, spelling: str) -> None:
    objects.store.write(path, [BytesPart(b"{}")], JSON)
    folder = path.partition("/")[0]

    with pytest.raises(ObjectMissingError):
        objects.store.read(spelling.format(path=path, folder=folder, escaped=path.replace("/", "%2F")))


def test_a_stretch_of_an_object_is_downloaded_behind_what_a_file_holds(
    objects: ObjectStoreSubject, path: str, tmp_path: Path
) -> None:
    content = bytes(range(251)) * 13_000
    objects.store.write(path, [BytesPart(content)], JSON)
    with (tmp_path / "target").open("w+b") as target:
        target.write(b"before ")
        objects.store.download(StoredPart(path, 5, len(content) - 3), target)
        objects.store.download(StoredPart(path, 0, 1), target)
        objects.store.download(StoredPart(path, 7, 7), target)

    assert (tmp_path / "target").read_bytes() == b"before " + content[5:-3] + content[:1]


def test_a_missing_object_cannot_be_downloaded(objects: ObjectStoreSubject, path: str, tmp_path: Path) -> None:
    with (tmp_path / "target").open("w+b") as target, pytest.raises(ObjectMissingError, match=path):
        objects.store.download(StoredPart(path, 0, 1), target)

    assert (tmp_path / "target").read_bytes() == b""


def test_links_to_several_objects_give_each_under_its_download_name(objects: ObjectStoreSubject, path: str) -> None:
    others = [f"{uuid4()}/{name}" for name in ("train.jsonl", "bundle.zip")]
    names = {path: "a.json", others[0]: 'Café "Q&A" 50%.jsonl', others[1]: "b.zip"}
    for one in names:
        objects.store.write(one, [BytesPart(one.encode())], JSON)

    urls = objects.store.signed_urls(names, expires_in_seconds=60)

    assert {one: objects.opened(url) for one, url in urls.items()} == {
        one: (one.encode(), name) for one, name in names.items()
    }
    assert objects.store.signed_urls({}, expires_in_seconds=60) == {}


def test_of_several_objects_those_that_are_missing_have_no_link(objects: ObjectStoreSubject, path: str) -> None:
    objects.store.write(path, [BytesPart(b"{}")], JSON)
    missing = f"{uuid4()}/train.jsonl"

    assert list(objects.store.signed_urls({path: "a", missing: "b"}, expires_in_seconds=60)) == [path]
