"""``polyglot plan``: memory, time, storage and energy of a training, before anyone pays for it.

Nothing is measured here: the memory follows from the shapes, the time from the share of the GPUs'
peak that is assumed (MFU) and from a model of what the processes send each other.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
import yaml
from rich.console import Console
from rich.table import Table
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM

from flows import profile as profiles
from runtime import params
from runtime.errors import PolyglotError
from stages.pretrain.model import configuration
from stages.pretrain.params import PretrainParams, SpeedParams
from stages.pretrain.throughput import flops_per_token, parameter_count

GPUS = Path(__file__).resolve().parent.parent / "infra/gpus.yaml"
CONTEXT_GB = 1.5  # of a GPU's memory: CUDA, NCCL and the libraries' workspaces
USABLE = 0.92  # of a GPU's memory, before the allocator's fragments are too many
POWER = 1.5  # power of the whole system, cooling included, over that of the GPUs


@dataclass(frozen=True)
class Gpu:
    """See infra/gpus.yaml."""

    memory: float
    teraflops: float
    watts: float
    node: int
    inside: float
    outside: float


@dataclass(frozen=True)
class Memory:
    """GB of one GPU, by what needs it."""

    weights: float
    gradients: float
    optimizer: float
    activations: float
    context: float

    @property
    def total(self) -> float:
        return sum(asdict(self).values())


@dataclass(frozen=True)
class Speed:
    """Of a number of GPUs."""

    gpus: int
    accumulation: int
    step_seconds: float
    communication: float  # share of the step, 0 to 1
    tokens_per_second: float
    hours: float
    gpu_hours: float
    megawatt_hours: float


@dataclass(frozen=True)
class Plan:
    profile: str
    gpu: str
    parameters: int
    tokens: int
    micro_batch: int
    largest_micro_batch: int
    memory: Memory
    speeds: list[Speed]  # the last one is what was asked for
    checkpoints_gb: float  # most at once
    shards_gb: float


def known() -> dict[str, Gpu]:
    """The GPUs of infra/gpus.yaml."""
    return {name: Gpu(**values) for name, values in yaml.safe_load(GPUS.read_text()).items()}


def plan(profile: str, overrides: list[str], gpus: int, gpu: str, mfu: float) -> Plan:
    """The plan of training ``profile`` on ``gpus`` GPUs of a kind at a share of their peak.

    Raises:
        PolyglotError: the GPU is unknown, ``mfu`` is no share, the GPUs cannot share the batch, or
            the model fits none of them.
    """
    kinds = known()
    if gpu not in kinds:
        raise PolyglotError(f"--gpu is {gpu!r}: it can be {', '.join(kinds)} (infra/gpus.yaml).")
    if not 0 < mfu <= 1:
        raise PolyglotError(f"--mfu is {mfu:g}: give a share above 0, up to 1.")
    values = profiles.composed(profile, overrides)
    what = params.typed("pretrain", values.pretrain, PretrainParams)
    config = configuration(what.model, values.tokenizer.vocab_size, eod_id=2)
    with torch.device("meta"):
        parameters = parameter_count(GPTNeoXForCausalLM(config))
    if gpus < 1 or what.global_batch % gpus:
        raise PolyglotError(
            f"--gpus is {gpus}: give a divisor of the global batch, {what.global_batch}."
        )
    kind = kinds[gpu]
    share = what.global_batch // gpus
    fitting = [
        size
        for size in range(1, share + 1)
        if share % size == 0
        and memory(config, parameters, gpus, replace(what, micro_batch=size)).total <= limit(kind)
    ]
    if not fitting:
        least = memory(config, parameters, gpus, replace(what, micro_batch=1)).total
        raise PolyglotError(
            f"{profile} needs {least:.0f} GB on each of {gpus} GPUs at a micro-batch of 1, and "
            f"{gpu} has room for {limit(kind):.0f} GB: take more GPUs, or larger ones."
        )
    micro_batch = max(size for size in fitting if size <= max(what.micro_batch, fitting[0]))
    what = replace(what, micro_batch=micro_batch)
    flops = flops_per_token(config, parameters)
    return Plan(
        profile=profile,
        gpu=gpu,
        parameters=parameters,
        tokens=what.steps * what.global_batch * what.model.context,
        micro_batch=micro_batch,
        largest_micro_batch=fitting[-1],
        memory=memory(config, parameters, gpus, what),
        speeds=[
            speed(what, parameters, flops, kind, count, micro_batch, mfu)
            for count in smaller(gpus, what.global_batch, kind.node)
            if memory(config, parameters, count, what).total <= limit(kind)
        ],
        checkpoints_gb=checkpoints(what, parameters) / 1e9,
        shards_gb=2 * what.steps * what.global_batch * what.model.context / 1e9,
    )


def memory(config: GPTNeoXConfig, parameters: int, gpus: int, what: PretrainParams) -> Memory:
    """What one GPU holds with ZeRO stage 1.

    Weights and gradients whole, in bf16 as a rule, and of the fp32 weights and Adam's two moments
    its share, with that of the gradients in fp32 during a step.
    """
    width = 2 if what.dtype == "bfloat16" else 4
    held = activations(config, what.micro_batch, what.speed, width)
    return Memory(
        weights=width * parameters / 1e9,
        gradients=width * parameters / 1e9,
        optimizer=16 * parameters / gpus / 1e9,
        activations=held / 1e9,
        context=CONTEXT_GB,
    )


def activations(config: GPTNeoXConfig, micro_batch: int, speed: SpeedParams, width: int) -> int:
    """Bytes kept for the backward pass of one micro-batch, numbers having ``width`` bytes, with an
    attention that keeps no scores.

    A layer keeps 10 numbers for each token and dimension: its input, both normalised inputs,
    queries, keys and values, both of the first rotated, the attention's output and its copy in the
    other order; and 2 for each dimension inside the feed-forward network, before and after its
    non-linearity. One that is computed again keeps its input alone, but one of them is whole. The
    gradients of all these are there for the layer that the backward pass is in.

    The logits are there in that width, in fp32, as logarithms of probabilities, and with the
    gradient of these; or, in chunks, those of a chunk twice in fp32, with the gradients of the
    hidden states, and of the output embedding in fp32 and once more.
    """
    d, vocabulary = config.hidden_size, config.vocab_size
    tokens = micro_batch * config.max_position_embeddings
    layer = width * (10 * d + 2 * config.intermediate_size)
    again = speed.recompute_layers
    whole = config.num_hidden_layers - again + (again > 0) + 1
    a_token = whole * layer + again * width * d
    if speed.loss_chunk is None:
        head = tokens * (2 * width * d + (width + 12) * vocabulary)
    else:
        head = tokens * 3 * width * d + (4 + width) * vocabulary * d
        head += 8 * min(speed.loss_chunk, tokens) * vocabulary
    return tokens * a_token + head


def checkpoints(what: PretrainParams, parameters: int) -> float:
    """The most bytes of checkpoints that are there at once, one on its way included.

    14 bytes a parameter: weights in bf16, and in fp32 with Adam's two moments.
    """
    one, params = 14 * parameters, what.checkpoints
    many = params.keep + (what.steps // params.keep_every if params.keep_every else 0)
    kept = many * one if params.max_gb is None else min(many * one, max(one, params.max_gb * 1e9))
    return kept + one


def limit(gpu: Gpu) -> float:
    """GB of a GPU that a training may fill."""
    return USABLE * gpu.memory


def speed(
    what: PretrainParams,
    parameters: int,
    flops: float,
    gpu: Gpu,
    gpus: int,
    micro_batch: int,
    mfu: float,
) -> Speed:
    """How fast ``gpus`` GPUs are.

    ``mfu`` is that of the computation alone. Once a step, every GPU sends its bf16 gradients to
    those that keep them (reduce-scatter) and gets the new weights (all-gather): each moves 2 N
    bytes (g - 1) / g over its slowest link, NVLink inside a node and the network outside. None of
    it is taken to happen during the computation, so that this is the worst case.
    """
    tokens = what.global_batch * what.model.context
    computing = tokens * flops / (gpus * gpu.teraflops * 1e12 * mfu)
    link = gpu.inside if gpus <= gpu.node else gpu.outside
    talking = 2 * 2 * parameters * (gpus - 1) / gpus / (link * 1e9)
    seconds = computing + talking
    hours = what.steps * seconds / 3600
    return Speed(
        gpus=gpus,
        accumulation=what.global_batch // gpus // micro_batch,
        step_seconds=seconds,
        communication=talking / seconds,
        tokens_per_second=tokens / seconds,
        hours=hours,
        gpu_hours=hours * gpus,
        megawatt_hours=hours * gpus * gpu.watts * POWER / 1e6,
    )


def smaller(gpus: int, global_batch: int, node: int) -> Iterator[int]:
    """Numbers of GPUs to compare with: whole nodes by powers of two below ``gpus``, and itself."""
    count = node
    while count < gpus:
        if global_batch % count == 0:
            yield count
        count *= 2
    yield gpus


def show(found: Plan) -> None:
    """Print a plan."""
    console = Console()
    console.print(
        f"[bold]{found.profile}[/]: {found.parameters:,} parameters, {found.tokens / 1e9:,.1f} "
        f"billion tokens, on {found.speeds[-1].gpus} x {found.gpu}"
    )
    table = Table("a GPU holds", "GB", box=None, header_style="bold")
    for name, value in {**asdict(found.memory), "together": found.memory.total}.items():
        table.add_row(name, f"{value:.1f}")
    console.print(table)
    console.print(
        f"at a micro-batch of {found.micro_batch}; the largest that fits is "
        f"{found.largest_micro_batch}"
    )
    table = Table(box=None, header_style="bold")
    for head in (
        "GPUs",
        "accumulate",
        "s a step",
        "sending",
        "tokens/s",
        "days",
        "GPU-hours",
        "MWh",
    ):
        table.add_column(head, justify="right")
    for at in found.speeds:
        table.add_row(
            f"{at.gpus:,}",
            f"{at.accumulation:,}",
            f"{at.step_seconds:,.2f}",
            f"{at.communication:.1%}",
            f"{at.tokens_per_second:,.0f}",
            f"{at.hours / 24:,.1f}",
            f"{at.gpu_hours:,.0f}",
            f"{at.megawatt_hours:,.1f}",
        )
    console.print(table)
    console.print(
        f"Disk: {found.checkpoints_gb:,.0f} GB for checkpoints, {found.shards_gb:,.0f} GB for the "
        "training shards if none is read twice."
    )
