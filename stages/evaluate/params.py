"""The parameters of an evaluation."""

from dataclasses import dataclass

from runtime.errors import PolyglotError
from stages.evaluate.prompts import PROMPTS

PROMPT_SETS = ("polyglot", "stock")
DTYPES = ("float32", "bfloat16", "float16")


@dataclass
class EvaluateParams:
    """Which KOBEST tasks are run, on which data and with how many examples before the question."""

    # Folder of <task>/{train,test}.jsonl, as the pipeline needs it; for the command `polyglot
    # evaluate` also a hub id, or null for skt/kobest_v1.
    data: str | None
    tasks: list[str]  # of copa, hellaswag, boolq, sentineg, wic
    shots: list[int]  # numbers of examples before the question; each is run for every task
    limit: int | None  # only the first test documents of the shuffled set; null: all of them
    prompts: str  # polyglot: of the published tables; stock: of lm-eval's own kobest_* tasks
    batch_tokens: int | None  # of one forward pass: speed, not scores; null: as memory holds
    dtype: str  # the model computes in float32, bfloat16 or float16, however it is stored


def check(params: EvaluateParams) -> None:
    """Refuse values that cannot be run.

    Raises:
        PolyglotError: an unknown task, or a number out of range.
    """
    for task in params.tasks:
        if task not in PROMPTS:
            raise PolyglotError(f"Unknown KOBEST task {task!r}: choose from {', '.join(PROMPTS)}.")
    if not params.tasks or not params.shots:
        raise PolyglotError("Nothing to evaluate: name at least one task and one number of shots.")
    if min(params.shots) < 0:
        raise PolyglotError(f"evaluate.shots holds {min(params.shots)}: give 0 or more examples.")
    if params.limit is not None and params.limit < 1:
        raise PolyglotError(f"evaluate.limit is {params.limit}: give 1 or more, or null for all.")
    if params.prompts not in PROMPT_SETS:
        raise PolyglotError(
            f"evaluate.prompts is {params.prompts!r}: choose {' or '.join(PROMPT_SETS)}."
        )
    if params.batch_tokens is not None and params.batch_tokens < 1:
        raise PolyglotError(
            f"evaluate.batch_tokens is {params.batch_tokens}: give 1 or more, or null."
        )
    if params.dtype not in DTYPES:
        raise PolyglotError(f"evaluate.dtype is {params.dtype!r}: choose {', '.join(DTYPES)}.")
