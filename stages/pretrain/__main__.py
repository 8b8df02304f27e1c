"""The stage pretrain: ``python -m stages.pretrain``."""

from runtime import launch, params, paths, stage
from stages.pretrain import initial, inputs
from stages.pretrain.params import PretrainParams, accumulation, check


def main(running: stage.Stage) -> None:
    what = params.load(running.name, PretrainParams)
    check(what)
    most = max(1, what.global_batch // what.micro_batch)
    accumulation(what, launch.processes(most))
    manifest = inputs.check(what, paths.TOKENS, paths.TOKENIZER_CARD, running.progress)
    begin = initial.resolve(what, manifest)
    words = [str(begin.folder), begin.sha256] if begin else []
    launch.ranks("stages.pretrain.train", words, most)


if __name__ == "__main__":
    stage.run("pretrain", main)
