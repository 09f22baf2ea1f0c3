"""Exchanges chosen at random, by Hypothesis, which not every environment of the tests has."""

from hypothesis import strategies as st

# Short answers come again and again in real conversations, and a text may hold what formats are made of.
SAID = st.one_of(
    st.sampled_from(["Yes.", "Thank you!", '"', "\\n", "\n    },\n", "User: hi", "\u2028", " spaced "]),
    st.text(max_size=30),
).filter(str.strip)
EXCHANGES = st.lists(st.tuples(SAID, SAID), min_size=1, max_size=4)
