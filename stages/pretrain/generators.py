"""The state of every random generator of a process."""

import random
from typing import Any

import numpy as np
import torch


def state() -> dict[str, Any]:
    """In types that ``torch.load(weights_only=True)`` reads."""
    numpy: dict[str, Any] = dict(np.random.get_state(legacy=False))
    numpy["state"] |= {"key": torch.from_numpy(numpy["state"]["key"].astype(np.int64))}
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "numpy": numpy,
        "python": random.getstate(),
    }


def restore(state: dict[str, Any]) -> None:
    """Go on as the process did whose ``state()`` this is."""
    torch.set_rng_state(state["torch"])
    if state["cuda"]:
        torch.cuda.set_rng_state_all(state["cuda"])
    numpy = state["numpy"]
    numpy["state"]["key"] = numpy["state"]["key"].numpy().astype(np.uint32)
    np.random.set_state(numpy)
    random.setstate(state["python"])
