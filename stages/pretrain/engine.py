"""Processes that know each other, and the DeepSpeed engine they share."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist

from runtime.errors import PolyglotError
from stages.pretrain import recipe
from stages.pretrain.accelerator import deepspeed
from stages.pretrain.model import NextTokenLoss, recompute
from stages.pretrain.params import PretrainParams

PLACE = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")

CONTROL_TIMEOUT = timedelta(hours=12)  # of waiting for rank 0; what hangs the watchdog ends


@dataclass(frozen=True)
class World:
    """This process among all: its number, how many there are, its device."""

    rank: int
    size: int
    device: torch.device
    control: Any  # a gloo group for small messages that must not wait for a GPU


@contextmanager
def world() -> Iterator[World]:
    """Meet the other processes; part from them when all went well.

    RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR and MASTER_PORT say who and where.

    Raises:
        PolyglotError: one of them is not set, or the processes cannot meet.
    """
    for name in PLACE:
        if name not in os.environ:
            raise PolyglotError(
                f"{name} is not set: start training with `polyglot run` or torchrun."
            )
    device, backend = _device(int(os.environ["LOCAL_RANK"]))
    try:
        deepspeed.init_distributed(dist_backend=backend, auto_mpi_discovery=False, verbose=False)
    except dist.DistError as error:
        meeting = f"{os.environ['MASTER_ADDR']}:{os.environ['MASTER_PORT']}"
        cause = "the port is in use" if "EADDRINUSE" in str(error) else type(error).__name__
        raise PolyglotError(
            f"The training processes cannot meet at {meeting}: {cause}; run again, or set another "
            "MASTER_PORT."
        ) from None
    control = dist.new_group(backend="gloo", timeout=CONTROL_TIMEOUT)
    yield World(dist.get_rank(), dist.get_world_size(), device, control)
    dist.destroy_process_group()  # not after a failure: the others may not come to part any more


def initialize(objective: NextTokenLoss, params: PretrainParams, world: World) -> Any:
    """The DeepSpeed engine that trains the model of ``objective``, in ``params.dtype``."""
    recompute(objective.model, params.speed.recompute_layers)
    if params.speed.compile:
        for layer in objective.model.gpt_neox.layers:
            layer.compile()
    parameters = sum(parameter.numel() for parameter in objective.parameters())
    engine, *_ = deepspeed.initialize(
        model=objective,
        optimizer=recipe.optimizer(objective, params),
        config=recipe.deepspeed_config(params, world.size, parameters),
    )
    return engine


class Vote:
    """Flags that all ranks agree on, without any of them waiting meanwhile."""

    def __init__(self, world: World) -> None:
        self._world = world

    def begin(self, *flags: bool) -> None:
        """Cast this rank's votes; all ranks do."""
        self._seen = torch.tensor([int(flag) for flag in flags])
        self._cast = dist.all_reduce(
            self._seen, dist.ReduceOp.MAX, group=self._world.control, async_op=True
        )

    def end(self) -> list[bool]:
        """For each flag, whether some rank had it set."""
        self._cast.wait()
        return [bool(flag) for flag in self._seen]


def from_rank_0(value: Any, world: World) -> Any:
    """What rank 0 gave as ``value``, on every rank."""
    values = [value]
    dist.broadcast_object_list(values, src=0, group=world.control)
    return values[0]


def mean(values: torch.Tensor, world: World) -> torch.Tensor:
    """The mean over all ranks of ``values``, element by element."""
    dist.all_reduce(values)
    return values / world.size


def _device(local_rank: int) -> tuple[torch.device, str]:
    if not torch.cuda.is_available():
        return torch.device("cpu"), "gloo"
    torch.cuda.set_device(local_rank)
    return torch.device("cuda", local_rank), "nccl"
