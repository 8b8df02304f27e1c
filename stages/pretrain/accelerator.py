"""DeepSpeed, told where it is before it looks around by itself."""

import os

import torch

if not torch.cuda.is_available():
    os.environ.setdefault("DS_ACCELERATOR", "cpu")

import deepspeed
from deepspeed.checkpoint.utils import clone_tensors_for_torch_save
from deepspeed.runtime.checkpoint_engine.checkpoint_engine import CheckpointEngine
from deepspeed.runtime.fp16.loss_scaler import DynamicLossScaler, LossScaler
from deepspeed.runtime.zero.config import ZeroStageEnum
from deepspeed.utils.tensor_fragment import fragment_address

# On a CPU this would compile a shared-memory transport, and fail where there is no compiler.
deepspeed.ops.__compatible_ops__["deepspeed_shm_comm"] = False

# Besides tensors and plain values, all that its checkpoints are made of.
CLASSES = [DynamicLossScaler, LossScaler, ZeroStageEnum, fragment_address]

__all__ = ["CLASSES", "CheckpointEngine", "clone_tensors_for_torch_save", "deepspeed"]
