"""The stage pretrain: ``python -m stages.pretrain``."""

from runtime import launch, params, paths, stage
from stages.pretrain import inputs
from stages.pretrain.params import PretrainParams, accumulation, check


def main(running: stage.Stage) -> None:
    what = params.load(running.name, PretrainParams)
    check(what)
    most = max(1, what.global_batch // what.micro_batch)
    if not launch.load().command:  # which else knows alone how many processes it starts
        accumulation(what, launch.processes(most))
    inputs.check(what, paths.TOKENS, paths.TOKENIZER_CARD, running.progress)
    launch.ranks("stages.pretrain.train", [], most)


if __name__ == "__main__":
    stage.run("pretrain", main)
