"""Pretrain a GPT-NeoX model with DeepSpeed, from two CPU processes to a GPU cluster."""
