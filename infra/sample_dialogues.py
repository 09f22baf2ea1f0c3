"""What the people of the sample conversations say, put together from the parts in `sample_dialogues.toml`."""

import random
import tomllib
from pathlib import Path

PARTS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))

# More often, and text health finds that targets begin alike.
HEARD_FIRST = 0.5


def an_exchange(source: random.Random, topic: str, number: int) -> tuple[str, str]:
    """What a client says about the topic, in the exchange of this number, and what the planner answers.

    The answer says what to do, and asks; often it first says that something was heard.
    """
    stages = PARTS["topics"][topic]
    exchanges = stages[(number - 1) % len(stages)]["exchanges"]
    said, advice = (_with_number(source, text) for text in source.choice(exchanges))
    heard = f"{source.choice(PARTS['acknowledgements'])} " if source.random() < HEARD_FIRST else ""
    return said, f"{heard}{advice} {source.choice(PARTS['closings'])}"


def _with_number(source: random.Random, text: str) -> str:
    return text.replace("{n}", str(source.randint(3, 60)))
