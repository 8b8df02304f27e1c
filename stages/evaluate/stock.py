"""The tasks that lm-eval itself ships as ``kobest_*``, asked about documents of this disk."""

import hashlib
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stages.evaluate.documents import Documents

FEWSHOT_SEED = 1234  # lm-eval's own default


def task(name: str, documents: Documents, shots: int) -> Any:
    """lm-eval's task ``kobest_<name>``, its prompts and its draw of examples untouched.

    Its metrics are left out: they would be fetched from the hub, and the scores come from the
    log-likelihoods.
    """
    from datasets import Dataset, DatasetDict
    from lm_eval.api.task import ConfigurableTask
    from lm_eval.tasks._yaml_loader import load_yaml

    splits = {"train": documents.train, "test": documents.test}
    dataset = DatasetDict({split: Dataset.from_list(rows) for split, rows in splits.items()})
    asked = ConfigurableTask(
        config={
            **load_yaml(_folder() / f"kobest_{name}.yaml"),
            "custom_dataset": lambda **options: dataset,
            "validation_split": None,
            "metric_list": [{"metric": "acc"}],
            "num_fewshot": shots,
        }
    )
    asked.set_fewshot_seed(FEWSHOT_SEED)
    return asked


def prompts_hash(tasks: Iterable[str]) -> str:
    """Fingerprint of the files of ``tasks`` in the installed lm-eval, 64 hexadecimal digits."""
    names = [*(f"kobest_{name}.yaml" for name in tasks), "utils.py"]
    return hashlib.sha256(b"".join((_folder() / name).read_bytes() for name in names)).hexdigest()


def _folder() -> Path:
    found = find_spec("lm_eval")  # without the seconds that importing it takes
    assert found and found.submodule_search_locations
    return Path(found.submodule_search_locations[0]) / "tasks/kobest"
