"""When two conversations say almost the same, told without their texts and without comparing each with each."""

import random
import tracemalloc
from collections.abc import Callable

import pytest

from tests.support.exchanges import in_real_shape, in_simple_shape, models
from training_files.domain.conversation import near_duplicates
from training_files.domain.conversation.near_duplicates import (
    ALIKE_FROM,
    BINS_IN_A_BAND,
    COMPARED_OF_A_BAND,
    SLOTS,
    NearDuplicates,
)
from training_files.domain.conversation.signature import BINS, likeness, signature_of

SOME_WORDS = [f"{one}{two}" for one in ("ba", "de", "ki", "lo", "mu", "na", "pe", "ri") for two in "aeioulmnrst"]


def words(count: int, seed: int = 1) -> list[str]:
    return random.Random(seed).choices(SOME_WORDS, k=count)  # noqa: S311 - Repeatable, not secret.


def with_others(said: list[str], share: float) -> list[str]:
    """With a share of the words replaced, evenly."""
    every = round(1 / share)
    return [f"other{n}" if n % every == every // 2 else word for n, word in enumerate(said)]


def signature(said: list[str] | str, system_prompt: str | None = None) -> bytes | None:
    text = said if isinstance(said, str) else " ".join(said)
    return signature_of(models(in_simple_shape([("Well?", text)], system_prompt=system_prompt)))


def alike(one: list[str] | str, other: list[str] | str) -> float:
    first, second = signature(one), signature(other)
    assert first is not None
    assert second is not None
    return likeness(first, second)


def shingles(said: list[str]) -> set[tuple[str, str, str]]:
    return set(zip(said, said[1:], said[2:], strict=False))


@pytest.mark.parametrize("count", [60, 200, 1_500])
@pytest.mark.parametrize("share", [0.02, 0.05, 0.1, 0.2, 0.4])
def test_the_estimate_is_near_to_what_both_have_in_common(count: int, share: float) -> None:
    said = words(count)
    other = with_others(said, share)
    common, either = shingles(said) & shingles(other), shingles(said) | shingles(other)

    assert abs(alike(said, other) - len(common) / len(either)) < 0.13


@pytest.mark.parametrize(("share", "found"), [(0.02, True), (0.04, True), (0.1, False), (0.2, False), (0.4, False)])
def test_near_is_what_differs_in_few_words(share: float, found: bool) -> None:  # noqa: FBT001
    said = words(400)

    assert (alike(said, with_others(said, share)) >= ALIKE_FROM) is found


@pytest.mark.parametrize("change", [str.upper, lambda text: text.replace(" ", " \n"), lambda text: f"«{text}», …!"])
def test_case_white_space_and_punctuation_do_not_count(change: Callable[[str], str]) -> None:
    text = " ".join(words(100))

    assert signature(change(text)) == signature(text)


def test_the_system_prompt_and_the_shape_of_the_pairs_do_not_count() -> None:
    said = words(100)
    real = models(in_real_shape([("Well?", " ".join(said))], tail="And then?"))

    assert signature(said) == signature(said, " ".join(words(100, seed=2))) == signature_of(real)


def test_scripts_without_spaces_are_compared_by_characters() -> None:
    text = (
        "退休储蓄计划需要从每个月的收入里拿出一小部分。然后看看剩下的钱够不够用。再决定下一步怎么走。我们慢慢来就好。"
    )

    assert ALIKE_FROM <= alike(text, text.replace("怎么走", "如何走")) < 1


def test_of_what_is_very_short_nothing_is_said() -> None:
    assert signature(words(10)) is None
    assert signature("Yes. " * 1_000) is None
    assert len(signature(words(60)) or b"") == BINS


def test_a_signature_is_the_same_on_every_machine_for_ever() -> None:
    kept = signature([f"word{n}" for n in range(60)])

    assert kept is not None
    assert kept.hex()[:32] == "ef11cdc00a2045d9372d3807b0683441"


def test_the_earlier_ones_are_named_the_earliest_first() -> None:
    said = words(400)
    found = NearDuplicates()
    versions = [said, words(400, seed=2), with_others(said, 0.02), with_others(said, 0.025)]
    near = [found.add(str(n), signature(version) or b"") for n, version in enumerate(versions)]

    assert [[one.conversation_id for one in each] for each in near] == [[], [], ["0"], ["0", "2"]]
    assert all(ALIKE_FROM <= one.likeness < 1 for each in near for one in each)


def test_of_many_that_are_alike_a_bounded_number_is_compared() -> None:
    found = NearDuplicates()
    kept = signature(words(100)) or b""
    near = [found.add(str(n), kept) for n in range(100)]

    assert [len(each) for each in near] == [min(n, COMPARED_OF_A_BAND) for n in range(100)]


@pytest.mark.parametrize("changed", [0, 1, 10, 18])
@pytest.mark.parametrize("slots", [4, SLOTS], ids=["that share slots", "each in its slot"])
def test_those_are_compared_that_have_a_band_in_common(
    changed: int, slots: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of versions of five texts; here each is compared with each."""
    monkeypatch.setattr(near_duplicates, "SLOTS", slots)
    chance = random.Random(changed)  # noqa: S311 - Repeatable, not secret.
    originals = [chance.randbytes(BINS) for _ in range(5)]
    found = NearDuplicates()
    added: list[bytes] = []

    # Fewer of each than are compared of a band.
    for number in range(5 * COMPARED_OF_A_BAND):
        version = with_other_bins(originals[number % 5], changed, chance)
        near = found.add(str(number), version)
        assert [int(one.conversation_id) for one in near] == [
            place
            for place, earlier in enumerate(added)
            if has_a_band_of(earlier, version) and likeness(earlier, version) >= ALIKE_FROM
        ]
        added.append(version)


def with_other_bins(signature: bytes, count: int, chance: random.Random) -> bytes:
    changed = bytearray(signature)
    for place in chance.sample(range(BINS), count):
        changed[place] ^= 1
    return bytes(changed)


def has_a_band_of(one: bytes, other: bytes) -> bool:
    borders = range(0, BINS - BINS_IN_A_BAND + 1, BINS_IN_A_BAND)
    return any(one[begin : begin + BINS_IN_A_BAND] == other[begin : begin + BINS_IN_A_BAND] for begin in borders)


def test_little_is_kept_of_each_conversation() -> None:
    """A build of thousands of conversations has no more memory than one of a few."""
    chance = random.Random(1)  # noqa: S311 - Repeatable, not secret.
    found = NearDuplicates()
    found.add("first", chance.randbytes(BINS))

    tracemalloc.start()
    try:
        for _ in range(500):
            found.add("the same string", chance.randbytes(BINS))
        kept_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kept_bytes / 500 < 400
