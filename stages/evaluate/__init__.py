"""KOBEST scores of a model, with the prompts of the published Polyglot-Ko tables."""

from stages.evaluate.evaluation import Results, evaluate
from stages.evaluate.params import EvaluateParams

__all__ = ["EvaluateParams", "Results", "evaluate"]
