"""Which conversations say almost the same, found without comparing each with each."""

from collections.abc import Iterator
from typing import NamedTuple

from training_files.domain.conversation.signature import BINS, likeness

# As deduplication of training data usually has it, of shingles: about one word in fifteen is another one.
ALIKE_FROM = 0.7
# Conversations are compared where six bins in succession are equal. Of those that are 0.7 alike that finds 93 %, of
# those that are 0.8 alike 99.8 %; of those that are 0.3 alike it compares 2 %.
BINS_IN_A_BAND = 6
BANDS = BINS // BINS_IN_A_BAND
# Of many that are alike in a band the earliest are compared, so that the work stays in proportion to the file.
COMPARED_OF_A_BAND = 8


class Near(NamedTuple):
    """A conversation that says almost the same, and the estimated share of what the two have in common."""

    conversation_id: str
    likeness: float


class NearDuplicates:
    """Conversations that are added one by one, in file order."""

    def __init__(self) -> None:
        self._added: list[tuple[str, bytes]] = []
        self._places_in_bands: dict[int, tuple[int, ...]] = {}

    def add(self, conversation_id: str, signature: bytes) -> list[Near]:
        """The conversations added before that it is near to, the earliest first."""
        near = [
            Near(earlier_id, alike)
            for earlier_id, earlier in (self._added[place] for place in self._candidates(signature))
            if (alike := likeness(earlier, signature)) >= ALIKE_FROM
        ]
        self._keep(conversation_id, signature)
        return near

    def _candidates(self, signature: bytes) -> list[int]:
        nobody: tuple[int, ...] = ()
        return sorted({place for band in _bands(signature) for place in self._places_in_bands.get(band, nobody)})

    def _keep(self, conversation_id: str, signature: bytes) -> None:
        place = len(self._added)
        self._added.append((conversation_id, signature))
        for band in _bands(signature):
            places = self._places_in_bands.get(band, ())
            if len(places) < COMPARED_OF_A_BAND:
                self._places_in_bands[band] = (*places, place)


def _bands(signature: bytes) -> Iterator[int]:
    """A number for each band and what is in it."""
    for band in range(BANDS):
        begin = band * BINS_IN_A_BAND
        yield int.from_bytes(signature[begin : begin + BINS_IN_A_BAND]) * BANDS + band
