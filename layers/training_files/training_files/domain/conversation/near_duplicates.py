"""Which conversations say almost the same, found without comparing each with each."""

from array import array
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
# Two megabytes. Of 10,000 conversations few slots hold two entries, of 100,000 they hold four.
SLOTS = 2**19
NO_ENTRY = -1


class Near(NamedTuple):
    """A conversation that says almost the same, and the estimated share of what the two have in common."""

    conversation_id: str
    likeness: float


class NearDuplicates:
    """Conversations that are added one by one, in file order."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._signatures = bytearray()
        self._bands = _Bands(self._signatures)

    def add(self, conversation_id: str, signature: bytes) -> list[Near]:
        """The conversations added before that it is near to, the earliest first."""
        place = len(self._ids)
        self._ids.append(conversation_id)
        self._signatures += signature
        return [
            Near(self._ids[earlier], alike)
            for earlier in sorted(self._bands.add(place))
            if (alike := likeness(self._signature(earlier), signature)) >= ALIKE_FROM
        ]

    def _signature(self, place: int) -> bytes:
        return bytes(self._signatures[place * BINS : (place + 1) * BINS])


class _Bands:
    """The earliest places with each band. `signatures` holds those of all places, one behind the other.

    A hash table in arrays: an entry is the number of a band among those of all signatures, and the entries of a slot
    are chained. It takes 84 bytes of each conversation, where a dict of bands would take nearly 3 KB.
    """

    def __init__(self, signatures: bytearray) -> None:
        self._signatures = signatures
        self._last_of_slot = array("i", [NO_ENTRY]) * SLOTS
        self._before = array("i")

    def add(self, place: int) -> set[int]:
        """The places before the next one, which is `place`, that have a band in common with it."""
        found: set[int] = set()
        for number in range(BANDS):
            band = self._band(place, number)
            slot = (hash(band) + number) % SLOTS
            places = list(self._places(band, number, self._last_of_slot[slot]))
            found.update(places)
            self._before.append(self._last_of_slot[slot])
            if len(places) < COMPARED_OF_A_BAND:
                self._last_of_slot[slot] = place * BANDS + number
        return found

    def _places(self, band: bytes, number: int, entry: int) -> Iterator[int]:
        while entry != NO_ENTRY:
            place, same = divmod(entry, BANDS)
            if same == number and self._band(place, number) == band:
                yield place
            entry = self._before[entry]

    def _band(self, place: int, number: int) -> bytes:
        begin = place * BINS + number * BINS_IN_A_BAND
        return bytes(self._signatures[begin : begin + BINS_IN_A_BAND])
