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
class SpeedParams:
    """How the steps are computed: sooner or in less memory, and but for rounding the same."""

    compile: bool  # torch.compile, layer by layer; needs a C++ compiler
    attention: str  # kernel: sdpa (flash attention where it can), eager, flash_attention_2, …_3
    loss_chunk: int | None  # tokens whose logits are held at once; null: those of a micro-batch
    recompute_layers: int  # layers whose activations are computed again in the backward pass
    fused_adam: bool  # one kernel for the whole update


@dataclass
class CheckpointParams:
    every: int  # steps between two
    keep: int  # the newest so many are kept
    keep_every: int | None  # and those of every so many steps; null: none
    max_gb: float | None  # all of them together: the oldest go first, never the newest; null: any
    background: bool  # written while training goes on, from a copy in the host's memory


@dataclass
class AnomalyParams:
    """A step is bad when its gradients are not finite (it is not taken) or its loss is a spike."""

    spike: float  # a loss above this times the median of the last good ones, above 1
    median_of: int  # good steps
    in_row: int  # bad steps in a row that are too many
    action: str  # then: stop, or skip: go back to the checkpoint before them, leave them out
    most_skips: int  # times that training goes back before it stops all the same


@dataclass
class SampleParams:
    prompts: list[str]  # continued at every evaluation; none: no text is generated
    tokens: int  # of each continuation


@dataclass
class KobestParams:
    tasks: list[str]  # scored at 0 shots at every evaluation: a glimpse; none: no look at all
    limit: int | None  # test documents a task; null: all


@dataclass
class PretrainParams:
    model: ModelParams
    init_from: str | None  # weights to go on from: a folder, models:/name@alias; null: random
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
    checkpoints: CheckpointParams
    anomalies: AnomalyParams
    speed: SpeedParams
    samples: SampleParams
    kobest: KobestParams


DTYPES = ("bfloat16", "float32")
SCHEDULES = ("cosine", "wsd")
ATTENTION = ("window", "document")
ACTIONS = ("stop", "skip")
KERNELS = ("sdpa", "eager", "flash_attention_2", "flash_attention_3")

# Changing these changes neither what is learnt from which samples nor in which order, if perhaps
# the last bits of a loss: the checkpoints stay valid.
HOUSEKEEPING: tuple[str, ...] = (
    "micro_batch",
    "checkpoints",
    "anomalies",
    "speed",
    "samples",
    "kobest",
)
HOUSEKEEPING += ("log_every", "eval_every")
POSITIVE = (
    *("model.layers", "model.hidden_size", "model.heads", "model.intermediate_size"),
    *("model.context", "model.vocab_multiple", "micro_batch", "global_batch", "steps", "lr"),
    *("clip", "log_every", "eval_every", "eval_sequences", "checkpoints.every", "checkpoints.keep"),
    *("anomalies.median_of", "anomalies.in_row", "samples.tokens"),
)
POSITIVE_OR_NULL = (
    "checkpoints.keep_every",
    "checkpoints.max_gb",
    "speed.loss_chunk",
    "kobest.limit",
)
ONE_OF = {
    "dtype": DTYPES,
    "attention": ATTENTION,
    "schedule": SCHEDULES,
    "speed.attention": KERNELS,
    "anomalies.action": ACTIONS,
}


def check(params: PretrainParams) -> None:
    """Refuse values that no training can have.

    Raises:
        PolyglotError: the first such value, by its name.
    """
    model = params.model
    for name in POSITIVE:
        value = attrgetter(name)(params)
        _require(value > 0, name, "must be above 0", value)
    for name in POSITIVE_OR_NULL:
        value = attrgetter(name)(params)
        _require(value is None or value > 0, name, "must be above 0, or null", value)
    for name, choices in ONE_OF.items():
        value = attrgetter(name)(params)
        _require(value in choices, name, f"must be {' or '.join(choices)}", value)
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
    _require(len(params.betas) == 2, "betas", "must be two numbers", params.betas)
    _require(0 <= params.warmup_share < 1, "warmup_share", "must be below 1", params.warmup_share)
    _require(
        0 < params.decay_share <= 1 - params.warmup_share,
        "decay_share",
        "must be above 0 and leave room for the warm-up",
        params.decay_share,
    )
    layers, spike = params.speed.recompute_layers, params.anomalies.spike
    most = f"must be from 0 to the {model.layers} layers"
    _require(0 <= layers <= model.layers, "speed.recompute_layers", most, layers)
    _require(spike > 1, "anomalies.spike", "must be above 1", spike)


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
