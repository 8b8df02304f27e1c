"""How often a document is trained on, and where it stands."""

from hypothesis import given
from hypothesis import strategies as st

from stages.tokenize.split import copies_of, place_of, split_of

factors = st.floats(0, 20)
ids = st.text(max_size=40)
MANY = [f"blog/posts.jsonl#{number}" for number in range(10_000)]


@given(factors)
def test_the_mean_of_the_copies_is_the_factor(factor: float) -> None:
    copies = [copies_of(id_, factor) for id_ in MANY]
    assert abs(sum(copies) / len(copies) - factor) < 0.02
    assert max(copies) - min(copies) <= 1


@given(ids, factors, factors)
def test_a_larger_factor_only_adds_copies(id_: str, one: float, other: float) -> None:
    less, more = sorted([one, other])
    assert copies_of(id_, less) <= copies_of(id_, more)


@given(ids, st.integers(0, 50))
def test_a_whole_factor_counts_for_every_document(id_: str, factor: int) -> None:
    assert copies_of(id_, factor) == factor


@given(factors, st.randoms(), st.integers(1, 7))
def test_neither_order_nor_shards_change_the_copies(factor: float, random, shards: int) -> None:
    some = MANY[:200]
    copies = {id_: copies_of(id_, factor) for id_ in some}
    mixed = random.sample(some, len(some))
    apart = {id_: copies_of(id_, factor) for n in range(shards) for id_ in mixed[n::shards]}
    assert apart == copies


def test_the_thinned_are_not_those_held_out() -> None:
    kept = [id_ for id_ in MANY if copies_of(id_, 0.5)]
    held_out = [id_ for id_ in kept if split_of(id_, 0.5) == "validation"]
    assert abs(len(held_out) / len(kept) - 0.5) < 0.03


@given(ids, st.integers(0, 9))
def test_every_copy_has_a_place_of_its_own(id_: str, seed: int) -> None:
    assert len({place_of(id_, seed, copy) for copy in range(12)}) == 12
