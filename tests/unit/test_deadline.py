"""However slow each call is, what is done for a caller ends by its deadline."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import httpx
import pytest

from training_files import deadline as module
from training_files.adapters.supabase.errors import call_with_retry
from training_files.adapters.supabase.punctual_http import keep_the_deadline, keep_the_deadline_of_the_answer, patience
from training_files.deadline import GRACE_SECONDS, deadline, grace, refuse_when_late, seconds_left, with_same_deadline
from training_files.errors import UpstreamUnavailableError

URL = "https://abcdefghijklmnop.supabase.co/rest/v1/training_files"
CLIENTS_SECONDS = 6.0


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training_files.adapters.supabase.errors.PAUSE_SECONDS", 0)


def http(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.Client:
    return httpx.Client(
        transport=httpx.MockTransport(answer),
        timeout=CLIENTS_SECONDS,
        event_hooks={"request": [keep_the_deadline], "response": [keep_the_deadline_of_the_answer]},
    )


def failing() -> None:
    raise UpstreamUnavailableError("no answer")


class TestTime:
    def test_is_unlimited_where_nobody_waits(self, clock: Clock) -> None:
        clock.seconds += 1e9

        assert seconds_left() is None
        refuse_when_late()
        with grace():
            assert seconds_left() is None

    def test_is_over_when_the_deadline_has_passed(self, clock: Clock) -> None:
        with deadline(3):
            clock.seconds += 2
            assert seconds_left() == 1
            refuse_when_late()
            clock.seconds += 1
            with pytest.raises(UpstreamUnavailableError, match="too slow"):
                refuse_when_late()

        refuse_when_late()

    def test_lasts_a_little_longer_for_what_has_to_be_done_at_the_end(self, clock: Clock) -> None:
        with deadline(3):
            clock.seconds += 5
            with grace():
                assert seconds_left() == GRACE_SECONDS
                clock.seconds += GRACE_SECONDS
                with pytest.raises(UpstreamUnavailableError):
                    refuse_when_late()
            assert seconds_left() == -2 - GRACE_SECONDS

    def test_is_not_shortened_by_what_has_to_be_done_at_the_end(self, clock: Clock) -> None:  # noqa: ARG002 - it stands still
        with deadline(20), grace():
            assert seconds_left() == 20

    def test_is_the_same_on_the_threads_that_work_for_the_caller(self, clock: Clock) -> None:  # noqa: ARG002 - it stands still
        with ThreadPoolExecutor(2) as executor, deadline(3):
            unaware, aware = executor.submit(seconds_left), executor.submit(with_same_deadline(seconds_left))

        assert (unaware.result(), aware.result()) == (None, 3)


class TestACall:
    def test_is_tried_twice_while_there_is_time(self, clock: Clock) -> None:  # noqa: ARG002 - it stands still
        calls: list[int] = []

        with deadline(3), pytest.raises(UpstreamUnavailableError):
            call_with_retry(lambda: (calls.append(1), failing()))

        assert len(calls) == 2

    def test_is_not_tried_again_when_the_time_is_over(self, clock: Clock) -> None:
        calls: list[int] = []

        def slow() -> None:
            calls.append(1)
            clock.seconds += 5
            failing()

        with deadline(3), pytest.raises(UpstreamUnavailableError, match="no answer"):
            call_with_retry(slow)

        assert len(calls) == 1

    def test_is_not_made_at_all_when_the_time_is_over(self, clock: Clock) -> None:
        with deadline(3):
            clock.seconds += 3
            with pytest.raises(UpstreamUnavailableError, match="too slow"):
                call_with_retry(lambda: pytest.fail("it was made"))


class TestARequest:
    @pytest.mark.parametrize(("left", "given"), [(None, CLIENTS_SECONDS), (20, CLIENTS_SECONDS), (2, 2), (-1, 0.001)])
    @pytest.mark.usefixtures("clock")
    def test_is_given_no_longer_than_is_left(self, left: float | None, given: float) -> None:
        timeouts: list[dict[str, float]] = []

        def answer(request: httpx.Request) -> httpx.Response:
            timeouts.append(request.extensions["timeout"])
            return httpx.Response(200)

        with http(answer) as client:
            if left is None:
                client.get(URL)
            else:
                with deadline(left):
                    client.get(URL)

        assert timeouts == [dict.fromkeys(("connect", "read", "write", "pool"), given)]

    @pytest.mark.parametrize(
        ("seconds", "left", "given"),
        [
            (25, None, 25),
            (25, 28, 25),
            (25, 10, 10),
            (25, -1, 0.001),
            (2, None, CLIENTS_SECONDS),
            (2, 28, CLIENTS_SECONDS),
        ],
    )
    @pytest.mark.usefixtures("clock")
    def test_may_wait_longer_for_an_answer_that_takes_long_but_no_longer_than_is_left(
        self, seconds: float, left: float | None, given: float
    ) -> None:
        timeouts: list[dict[str, float]] = []

        def answer(request: httpx.Request) -> httpx.Response:
            timeouts.append(request.extensions["timeout"])
            return httpx.Response(200)

        with http(answer) as client:
            with patience(seconds), nullcontext() if left is None else deadline(left):
                client.get(URL)
            client.get(URL)

        patient, usual = timeouts
        assert patient["read"] == given
        assert usual == dict.fromkeys(("connect", "read", "write", "pool"), CLIENTS_SECONDS)

    def test_is_given_up_when_its_answer_comes_in_drops(self, clock: Clock) -> None:
        dropped: list[bytes] = []

        def drops() -> Iterator[bytes]:
            while True:
                clock.seconds += 1
                dropped.append(b" ")
                yield b" "

        client = http(lambda _: httpx.Response(200, content=drops()))
        with client, deadline(5), pytest.raises(httpx.ReadTimeout):
            client.get(URL)

        assert len(dropped) == 5

    def test_is_given_up_when_its_body_goes_in_drops(self, clock: Clock) -> None:
        def drops() -> Iterator[bytes]:
            while True:
                clock.seconds += 1
                yield b" "

        client = http(lambda request: httpx.Response(200, content=request.read()))
        with client, deadline(5), pytest.raises(httpx.WriteTimeout):
            client.post(URL, content=drops())
