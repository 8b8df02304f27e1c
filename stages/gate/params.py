"""What each gate demands."""

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
    """Replacements per million characters of masked text, by kind of PII."""

    account: Bounds
    rrn: Bounds
    phone: Bounds


@dataclass
class MaskedGate:
    """Thresholds for what leaves mask."""

    # Of a million documents, those in which the gate's own detector still finds a number.
    max_residue_per_million: float
    per_million: MaskedPerMillion


@dataclass
class TokensGate:
    """Thresholds for the training shards."""

    bytes_per_token: Bounds  # UTF-8 bytes of training text for one token
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


@dataclass
class EvaluationGate:
    """Thresholds for the KOBEST scores."""

    tasks: list[str]  # evaluate.tasks
    shots: list[int]  # evaluate.shots
    data: str  # evaluate.data: the folder of <task>/test.jsonl
    limit: int | None  # evaluate.limit: at most this many test examples of a task
    min_margin: float | None  # best task's accuracy above chance; null: a tiny model owes none


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
        if "default" not in of_stage:
            raise PolyglotError(f"{key} has no default: give one, such as 0.3.")
        for name, share in of_stage.items():
            if name not in ("default", *sources):
                raise PolyglotError(
                    f"{key} names the source {name!r}, which the corpus lacks; it has "
                    f"{', '.join(sources)}."
                )
            # OmegaConf lets a mapping pass for a number here.
            if not isinstance(share, int | float) or not 0 <= share <= 1:
                raise PolyglotError(f"{key}.{name} is {share}: give a share from 0 to 1.")
