"""How fast training is, measured against what the GPU could do."""

import resource

import torch
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM

# Dense bf16 FLOP/s by the vendor's datasheets (without sparsity), by the driver's whole name: of
# the H100 alone there are parts with three different peaks.
PEAKS = {
    "NVIDIA A100-SXM4-40GB": 312e12,
    "NVIDIA A100-SXM4-80GB": 312e12,
    "NVIDIA A100-PCIE-40GB": 312e12,
    "NVIDIA A100 80GB PCIe": 312e12,
    "NVIDIA H100 PCIe": 756e12,
    "NVIDIA H100 80GB HBM3": 989e12,
    "NVIDIA H200": 989e12,
}


def flops_per_token(config: GPTNeoXConfig, parameters: int) -> float:
    """Floating-point operations of forward and backward pass for one token.

    6 N + 12 L H Q T, after PaLM (Chowdhery et al., 2022, appendix B): N weights that multiply
    (the input embedding is looked up, not multiplied), L layers, H heads of Q dimensions, T tokens
    of context. The attention term counts the whole square, as PaLM does; what is recomputed in
    the backward pass does not count.

    >>> flops_per_token(GPTNeoXConfig(vocab_size=4, hidden_size=2, num_hidden_layers=1,
    ...     num_attention_heads=1, max_position_embeddings=8), parameters=108)
    792.0
    """
    multiplying = parameters - config.vocab_size * config.hidden_size
    attention = 12 * config.num_hidden_layers * config.hidden_size * config.max_position_embeddings
    return 6.0 * multiplying + attention


def peak(device: torch.device) -> float | None:
    """The device's dense bf16 peak in FLOP/s; None on a CPU or an unknown GPU."""
    if device.type != "cuda":
        return None
    return PEAKS.get(torch.cuda.get_device_name(device))


def mfu(tokens_per_second: float, flops: float, world_size: int, peak: float) -> float:
    """Model FLOPs utilisation, 0 to 1: what the model needed of what the GPUs could do."""
    return tokens_per_second * flops / (world_size * peak)


def peak_memory(device: torch.device) -> int:
    """The most bytes that this process has held: of the GPU's memory, or else of the host's."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def parameter_count(model: GPTNeoXForCausalLM) -> int:
    """Trained numbers, the padded rows of both embeddings included."""
    return sum(parameter.numel() for parameter in model.parameters())
