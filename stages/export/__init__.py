"""Export the pretrained model as a Hugging Face folder with its tokenizer."""

from stages.export.export import export
from stages.export.params import ExportParams

__all__ = ["ExportParams", "export"]
