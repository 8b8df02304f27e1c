"""How often a document is trained on, and where it stands."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stages.tokenize.split import copies_of, held_out, places_of, random_bits

factors = st.floats(0, 20)
MANY = [f"blog/posts.jsonl#{number}" for number in range(10_000)]
BITS = random_bits(MANY)


def copies(factor: float, bits: np.ndarray = BITS) -> np.ndarray:
    return copies_of(bits, np.full(len(bits), factor))


@given(factors)
def test_the_mean_of_the_copies_is_the_factor(factor: float) -> None:
    found = copies(factor)
    assert abs(found.mean() - factor) < 0.02
    assert found.max() - found.min() <= 1


@given(factors, factors)
def test_a_larger_factor_only_adds_copies(one: float, other: float) -> None:
    less, more = sorted([one, other])
    assert (copies(less) <= copies(more)).all()


@given(st.integers(0, 50))
def test_a_whole_factor_counts_for_every_document(factor: int) -> None:
    assert (copies(factor) == factor).all()


@given(st.randoms(), st.integers(1, 7))
def test_neither_order_nor_batches_change_the_bits(random, batches: int) -> None:
    mixed = random.sample(range(200), 200)
    for part in (mixed[number::batches] for number in range(batches)):
        assert (random_bits([MANY[number] for number in part]) == BITS[part]).all()


def test_the_thinned_are_not_those_held_out() -> None:
    kept = BITS[copies(0.5) == 1]
    assert abs(held_out(kept, 0.5).mean() - 0.5) < 0.03


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_only_adds_to_those_held_out(one: float, other: float) -> None:
    less, more = sorted([one, other])
    assert (held_out(BITS, less) <= held_out(BITS, more)).all()
    assert abs(held_out(BITS, more).mean() - more) < 0.02


@given(st.integers(0, 9))
def test_every_copy_has_a_place_of_its_own(seed: int) -> None:
    places = np.concatenate([places_of(BITS, seed, copy) for copy in range(12)])
    assert len(np.unique(places)) == 12 * len(BITS)


def test_places_look_random_and_hang_on_the_seed() -> None:
    first, second = (places_of(BITS, seed, 0).astype(float) / 2**64 for seed in (1, 2))
    for places in (first, second):
        assert abs(places.mean() - 0.5) < 0.015
        assert abs(np.corrcoef(places, np.arange(len(places)))[0, 1]) < 0.04
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.04
