"""What the people of the sample conversations say, put together from the parts in `sample_dialogues.toml`."""

import random
import tomllib
from collections.abc import Mapping
from pathlib import Path

PARTS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))

# More often, and text health finds that targets begin alike.
HEARD_FIRST = 0.5


Numbers = Mapping[str, int]


def some_numbers(source: random.Random) -> Numbers:
    """Those of one conversation: an amount of money, percent, weeks or minutes, an age."""
    bounds = {"n": (20, 60), "p": (3, 8), "m": (4, 20), "a": (24, 45)}
    return {name: source.randint(*bound) for name, bound in bounds.items()}


def an_exchange(source: random.Random, topic: str, number: int, numbers: Numbers) -> tuple[str, str]:
    """What a client says about the topic, in the exchange of this number, and what the planner answers.

    The answer says what to do, and asks; often it first says that something was heard.
    """
    stages = PARTS["topics"][topic]
    exchanges = stages[(number - 1) % len(stages)]["exchanges"]
    said, advice = (text.format(**numbers) for text in source.choice(exchanges))
    heard = f"{source.choice(PARTS['acknowledgements'])} " if source.random() < HEARD_FIRST else ""
    return said, f"{heard}{advice} {source.choice(PARTS['closings'])}"
