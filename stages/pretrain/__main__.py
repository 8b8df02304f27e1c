"""The stage pretrain: ``python -m stages.pretrain``."""

from runtime import launch, params, paths, stage
from stages.pretrain import inputs
from stages.pretrain.params import PretrainParams, check


def main(running: stage.Stage) -> None:
    what = params.load(running.name, PretrainParams)
    check(what)
    inputs.check(what, paths.TOKENS, paths.TOKENIZER_CARD, running.progress)
    launch.ranks("stages.pretrain.train", [])


if __name__ == "__main__":
    stage.run("pretrain", main)
