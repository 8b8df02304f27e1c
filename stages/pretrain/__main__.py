"""The stage pretrain: ``python -m stages.pretrain``."""

from typing import Any

from runtime import launch, params, paths, stage
from stages.pretrain import inputs
from stages.pretrain.params import PretrainParams, accumulation, check


def main(running: stage.Stage) -> None:
    what = params.load(running.name, PretrainParams)
    check(what)
    most = max(1, what.global_batch // what.micro_batch)
    accumulation(what, launch.processes(most))
    manifest = inputs.check(what, paths.TOKENS, paths.TOKENIZER_CARD, running.progress)
    launch.ranks("stages.pretrain.train", _initial(what, manifest), most)


def _initial(what: PretrainParams, manifest: dict[str, Any]) -> list[str]:
    """The folder of the weights to begin with and their SHA-256; nothing for random ones."""
    if not what.init_from:
        return []
    from stages.pretrain import initial  # slow to import

    begin = initial.resolve(what.init_from, what, manifest)
    return [str(begin.folder), begin.sha256]


if __name__ == "__main__":
    stage.run("pretrain", main)
