"""Names and uids derived from the seed."""

import re

from hypothesis import given
from hypothesis import strategies as st

from cluster import ids


def test_the_same_parts_give_the_same_name() -> None:
    """A suffix depends on the seed and its parts and on nothing else."""
    assert ids.suffix(1, "web", 7) == ids.suffix(1, "web", 7)
    assert len({ids.suffix(seed, "web", n) for seed in range(10) for n in range(10)}) == 100


@given(st.integers(0, 2**40), st.integers(0, 2**40))
def test_uids_are_version_4_uuids(seed: int, revision: int) -> None:
    """A uid has the shape of a random UUID."""
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", ids.uid(seed, revision))


@given(st.integers(0, 2**32 - 1))
def test_hashes_in_names_use_the_safe_alphabet(value: int) -> None:
    """A hash in a name has no vowels and nothing that looks like another letter."""
    assert set(ids.safe_encode(value)) <= set(ids.ALPHABET)


def test_jitter_stays_below_its_limit() -> None:
    """Jitter is from 0 up to the limit, and 0 where there is no room."""
    assert {ids.jitter(3, 1, n) for n in range(50)} == {0, 1, 2}
    assert ids.jitter(0, 1) == 0
