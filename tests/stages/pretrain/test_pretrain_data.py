"""Every token is read, in an order that needs no memory."""

from pathlib import Path

import numpy as np
import pytest

from stages.pretrain.data import Order, Tokens


def shards(folder: Path, sizes: list[int]) -> list[Path]:
    """Shards that hold 0, 1, 2, … end to end."""
    paths, first = [], 0
    for number, size in enumerate(sizes):
        path = folder / f"{number}.ds"
        np.arange(first, first + size, dtype="<u2").tofile(path)
        paths.append(path)
        first += size
    return paths


@pytest.mark.parametrize("sizes", [[41], [1, 40], [13, 3, 25], [20, 1, 1, 19], [5] * 8 + [1]])
def test_windows_cover_all_tokens_across_shard_ends(tmp_path: Path, sizes: list[int]) -> None:
    tokens = Tokens(shards(tmp_path, sizes), context=8)
    windows = tokens.batch(np.arange(len(tokens)))
    assert windows.shape == (5, 9)
    assert windows.dtype == np.int64
    predicted = windows[:, 1:].ravel()
    assert predicted.tolist() == list(range(1, 41))
    assert (windows[:, :-1].ravel() == predicted - 1).all()


def test_an_incomplete_last_window_is_left_out(tmp_path: Path) -> None:
    assert len(Tokens(shards(tmp_path, [30, 10]), context=8)) == 4


def test_token_ids_above_32767_stay_positive(tmp_path: Path) -> None:
    np.array([65_534, 40_000, 1], dtype="<u2").tofile(tmp_path / "0.ds")
    assert Tokens([tmp_path / "0.ds"], context=2).batch(np.array([0])).tolist() == [
        [65_534, 40_000, 1]
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 17, 64, 65, 1000])
def test_an_epoch_reads_every_window_once(size: int) -> None:
    order = Order(size, seed=7)
    for epoch in range(3):
        places = np.arange(epoch * size, (epoch + 1) * size)
        assert sorted(order.windows(places).tolist()) == list(range(size))


def test_the_order_looks_random() -> None:
    order = Order(10_000, seed=7)
    places = np.arange(10_000)
    windows = order.windows(places)
    assert abs(np.corrcoef(places, windows)[0, 1]) < 0.04  # four standard errors
    assert abs(np.corrcoef(windows[:-1], windows[1:])[0, 1]) < 0.04
    assert (windows == places).sum() < 10


def test_epochs_and_seeds_have_orders_of_their_own() -> None:
    first, second = Order(100, seed=7), Order(100, seed=8)
    epoch = first.windows(np.arange(100)).tolist()
    assert epoch != first.windows(np.arange(100, 200)).tolist()
    assert epoch != second.windows(np.arange(100)).tolist()


def test_a_step_is_found_without_those_before_it() -> None:
    order = Order(104_000_000, seed=1)
    step = order.step(50_000, 1024).tolist()
    assert step == [order.windows(np.array([50_000 * 1024 + n]))[0] for n in range(1024)]
    assert len(set(step)) == 1024


@pytest.mark.parametrize("size", [1, 2, 8])
def test_the_processes_share_a_step(size: int) -> None:
    order = Order(1000, seed=1)
    shares = [order.step(3, 16, rank, size) for rank in range(size)]
    assert np.concatenate(shares).tolist() == order.step(3, 16).tolist()
    assert {len(share) for share in shares} == {16 // size}
