"""What the training computes; where it runs is infra/launch/ and the environment."""

import math
from dataclasses import dataclass
from operator import attrgetter

from runtime.errors import PolyglotError


@dataclass
class ModelParams:
    layers: int  # transformer layers
    hidden_size: int  # width of the residual stream
    heads: int  # attention heads; hidden_size is a multiple of it
    intermediate_size: int  # width inside the feed-forward network, 4 * hidden_size as a rule
    rotary_pct: float  # share of each head's dimensions that is rotated, 0 to 1
    context: int  # tokens of one training sequence, and the most that the model can read
    vocab_multiple: int  # the embedding has rows up to the next multiple of this


@dataclass
class PretrainParams:
    model: ModelParams
    attention: str  # to the whole window before a token, or within its document alone (slower)
    dtype: str  # what the engine computes in: bfloat16 (master weights in float32) or float32
    micro_batch: int  # sequences of one forward pass of one process
    global_batch: int  # sequences of one step, over all processes and micro-steps
    steps: int  # optimizer steps
    lr: float  # peak learning rate
    min_lr: float  # learning rate of the last step
    schedule: str  # after the warm-up: cosine, or wsd, which stays at lr until it decays
    warmup_share: float  # share of the steps with a rising learning rate, 0 to 1
    decay_share: float  # of wsd: share of the steps, the last ones, with a falling learning rate
    betas: list[float]  # Adam's two decay rates
    eps: float  # Adam's epsilon
    weight_decay: float  # decoupled weight decay, none on biases and norms
    clip: float  # largest norm of the gradients
    seed: int  # initial weights and order of the samples
    log_every: int  # steps between two points of the training curve
    eval_every: int  # steps between two validation losses
    eval_sequences: int  # validation sequences, the same every time
    save_every: int  # steps between two checkpoints
    keep: int  # checkpoints kept
    max_bad_steps: int  # skipped steps (gradients not finite) in a row before training stops


DTYPES = ("bfloat16", "float32")
SCHEDULES = ("cosine", "wsd")
ATTENTION = ("window", "document")

# Changing these changes neither the weights nor the curve: the checkpoints stay valid.
HOUSEKEEPING = ("save_every", "keep", "max_bad_steps")
POSITIVE = (
    *("model.layers", "model.hidden_size", "model.heads", "model.intermediate_size"),
    *("model.context", "model.vocab_multiple", "micro_batch", "global_batch", "steps", "lr"),
    *("clip", "log_every", "eval_every", "eval_sequences", "save_every", "keep", "max_bad_steps"),
)


def check(params: PretrainParams) -> None:
    """Refuse values that no training can have.

    Raises:
        PolyglotError: the first such value, by its name.
    """
    model = params.model
    for name in POSITIVE:
        value = attrgetter(name)(params)
        _require(value > 0, name, "must be above 0", value)
    _require(
        model.hidden_size % model.heads == 0,
        "model.hidden_size",
        f"must be a multiple of the {model.heads} heads",
        model.hidden_size,
    )
    rotated = int(model.hidden_size // model.heads * model.rotary_pct)
    _require(
        rotated > 0 and rotated % 2 == 0,
        "model.rotary_pct",
        "must rotate an even number of each head's dimensions",
        model.rotary_pct,
    )
    _require(params.dtype in DTYPES, "dtype", f"must be {' or '.join(DTYPES)}", params.dtype)
    _require(
        params.attention in ATTENTION,
        "attention",
        f"must be {' or '.join(ATTENTION)}",
        params.attention,
    )
    _require(len(params.betas) == 2, "betas", "must be two numbers", params.betas)
    _require(0 <= params.warmup_share < 1, "warmup_share", "must be below 1", params.warmup_share)
    _require(
        params.schedule in SCHEDULES,
        "schedule",
        f"must be {' or '.join(SCHEDULES)}",
        params.schedule,
    )
    _require(
        0 < params.decay_share <= 1 - params.warmup_share,
        "decay_share",
        "must be above 0 and leave room for the warm-up",
        params.decay_share,
    )


def accumulation(params: PretrainParams, world_size: int) -> int:
    """Micro-steps of one step.

    Raises:
        PolyglotError: the global batch cannot be dealt evenly to the processes.
    """
    one_pass = params.micro_batch * world_size
    if params.global_batch % one_pass:
        raise PolyglotError(
            f"pretrain.global_batch {params.global_batch} must be a multiple of micro_batch "
            f"{params.micro_batch} times {world_size} processes; try "
            f"{math.ceil(params.global_batch / one_pass) * one_pass}."
        )
    return params.global_batch // one_pass


def _require(holds: bool, name: str, rule: str, value: object) -> None:
    if not holds:
        raise PolyglotError(f"Parameter pretrain.{name} {rule}, not {value}.")
