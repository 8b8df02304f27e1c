"""What each gate demands."""

from dataclasses import dataclass


@dataclass
class Bounds:
    """A figure must lie in here, ends included."""

    min: float
    max: float


@dataclass
class DocumentsGate:
    """Thresholds for what leaves ingest, clean and dedup."""

    required_sources: list[str]  # each must still have documents after dedup
    min_documents: int  # after dedup, all sources together
    min_bytes: int  # after dedup, UTF-8 bytes of text
    max_torn_files: int  # raw files that ingest could not read to their end, per source
    max_quarantined_share: float  # of the documents that enter a stage, per source
    max_dropped_share: float  # of the documents that enter a stage, per source
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
