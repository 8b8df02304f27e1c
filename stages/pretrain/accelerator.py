"""DeepSpeed, told where it is before it looks around by itself."""

import os

import torch

if not torch.cuda.is_available():
    os.environ.setdefault("DS_ACCELERATOR", "cpu")

import deepspeed
from deepspeed.checkpoint.utils import clone_tensors_for_torch_save
from deepspeed.runtime.checkpoint_engine.checkpoint_engine import CheckpointEngine

# On a CPU this would compile a shared-memory transport, and fail where there is no compiler.
deepspeed.ops.__compatible_ops__["deepspeed_shm_comm"] = False

__all__ = ["CheckpointEngine", "clone_tensors_for_torch_save", "deepspeed"]
