"""What each gate demands."""

from collections.abc import Iterable
from dataclasses import dataclass

from runtime.errors import PolyglotError


@dataclass
class Bounds:
    """A figure must lie in here, ends included."""

    min: float
    max: float


@dataclass
class DroppedShares:
    """What each stage may drop, as a share of a source's documents that enter it.

    ``default`` holds for every source but those that are named: ``{default: 0.3, stdict: 0.6}``.
    """

    clean: dict[str, float]
    dedup: dict[str, float]


@dataclass
class DocumentsGate:
    """Thresholds for what leaves ingest, clean and dedup."""

    required_sources: list[str]  # each must still have documents after dedup
    min_documents: int  # after dedup, all sources together
    min_bytes: int  # after dedup, UTF-8 bytes of text
    max_torn_files: int  # raw files that ingest could not read to their end, per source
    max_quarantined_share: float  # of the documents that enter a stage, per source
    max_dropped_share: DroppedShares
    min_hangul_share: float  # of the characters that are no white space, per shard
    characters: Bounds  # length of a document


@dataclass
class MaskedPerMillion:
    """Replacements per million characters of a source's masked text, by kind.

    ``default`` holds for every source but those that are named:
    ``{default: {min: 0, max: 500}, news: {min: 1, max: 2000}}``.
    """

    phone: dict[str, Bounds]
    rrn: dict[str, Bounds]
    account: dict[str, Bounds]
    email: dict[str, Bounds]
    card: dict[str, Bounds]
    passport: dict[str, Bounds]
    licence: dict[str, Bounds]
    company: dict[str, Bounds]
    ip: dict[str, Bounds]
    plate: dict[str, Bounds]


@dataclass
class MaskedGate:
    """Thresholds for what leaves mask."""

    extra_kinds: list[str]  # mask.extra_kinds
    # Of a million documents, those in which the gate's own detector still finds a kind.
    max_residue_per_million: float
    per_million: MaskedPerMillion


@dataclass
class TokensGate:
    """Thresholds for the training shards."""

    # By source, as in MaskedPerMillion: UTF-8 bytes of training text for one token, and tokens of a
    # training document in the mean.
    bytes_per_token: dict[str, Bounds]
    tokens_per_document: dict[str, Bounds]
    # Validation documents of which training has the very tokens, as a share of all of them. Masking
    # makes some texts equal that deduplication told apart.
    max_shared_share: float
    min_train_tokens: int
    max_epochs: float  # passes over the training tokens that pretrain will make
    steps: int  # pretrain.steps
    global_batch: int  # pretrain's sequences per step
    context: int  # pretrain's tokens per sequence
    round_trip_documents: int  # validation documents decoded and looked up in the masked text


@dataclass
class ModelGate:
    """Thresholds for the exported model."""

    max_logit_difference: float  # to the engine's logits on the reference prompts
    max_loss_difference: float  # nats, to the engine's loss on the reference windows


@dataclass
class EvaluationGate:
    """Thresholds for the KOBEST scores."""

    tasks: list[str]  # evaluate.tasks
    shots: list[int]  # evaluate.shots
    data: str  # evaluate.data: the folder of <task>/test.jsonl
    limit: int | None  # evaluate.limit: at most this many test examples of a task
    min_margin: float | None  # best task's accuracy above chance; null: a tiny model owes none
    max_constant: int | None  # scores, a task at a number of shots, with one answer to everything
    champion: str | None  # models:/name@alias to compare with, if there is such a model
    max_below_champion: float  # of the mean macro F1 over all tasks and shots
    max_contaminated: int  # training documents that hold a whole test text


@dataclass
class GateParams:
    """The section ``gates`` of params.yaml."""

    documents: DocumentsGate
    masked: MaskedGate
    tokens: TokensGate
    model: ModelGate
    evaluation: EvaluationGate


def check_dropped_shares(limits: DroppedShares, sources: list[str]) -> None:
    """Refuse a stage without a default, a source not among ``sources``, and what is no share.

    Raises:
        PolyglotError: there is such a limit.
    """
    for stage, of_stage in vars(limits).items():
        key = f"gates.documents.max_dropped_share.{stage}"
        _check_names(key, of_stage, sources, "0.3")
        for name, share in of_stage.items():
            # OmegaConf lets a mapping pass for a number here.
            if not isinstance(share, int | float) or not 0 <= share <= 1:
                raise PolyglotError(f"{key}.{name} is {share}: give a share from 0 to 1.")


def check_masked_rates(demands: MaskedGate, sources: list[str]) -> None:
    """Refuse a kind without a default, a source not among ``sources``, and an unknown kind.

    Raises:
        PolyglotError: there is such a kind or source, or no rate lies within its bounds.
    """
    kinds = vars(demands.per_million)
    for kind in demands.extra_kinds:
        if kind not in kinds:
            raise PolyglotError(
                f"mask.extra_kinds names {kind!r}, for which gates.masked.per_million has no "
                f"bounds; it has {', '.join(kinds)}."
            )
    for kind, of_kind in kinds.items():
        _check_bounds(f"gates.masked.per_million.{kind}", of_kind, sources)


def check_token_bounds(demands: TokensGate, sources: list[str]) -> None:
    """Refuse bounds without a default, and a source not among ``sources``.

    Raises:
        PolyglotError: there is such a source, or nothing lies within its bounds.
    """
    for name in ("bytes_per_token", "tokens_per_document"):
        _check_bounds(f"gates.tokens.{name}", getattr(demands, name), sources)


def _check_bounds(key: str, limits: dict[str, Bounds], sources: list[str]) -> None:
    _check_names(key, limits, sources, "{min: 0, max: 500}")
    for name, bounds in limits.items():
        if not 0 <= bounds.min <= bounds.max:
            raise PolyglotError(
                f"{key}.{name} is from {bounds.min:g} to {bounds.max:g}: give a min from 0 "
                "and a max that is not below it."
            )


def _check_names(key: str, limits: Iterable[str], sources: list[str], example: str) -> None:
    """A default and nothing but sources of the corpus beside it."""
    if "default" not in limits:
        raise PolyglotError(f"{key} has no default: give one, such as {example}.")
    for name in limits:
        if name not in ("default", *sources):
            raise PolyglotError(
                f"{key} names the source {name!r}, which the corpus lacks; it has "
                f"{', '.join(sources)}."
            )
