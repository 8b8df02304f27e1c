"""Gates: expectations on figures of the stages before; a failure stops the pipeline.

Each gate gathers figures with plain functions, never texts, and lets Great Expectations judge
them. Here is only what imports fast; the content of a gate is in the module of its name.
"""

from stages.gate.params import GateParams
from stages.gate.result import GATES, ExpectationResult, GateResult, results

__all__ = ["GATES", "ExpectationResult", "GateParams", "GateResult", "results"]
