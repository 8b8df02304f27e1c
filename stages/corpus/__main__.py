"""``python -m stages.corpus``: the DVC stage ``sample``."""

from runtime import params, stage
from stages.corpus.params import SampleParams
from stages.corpus.sample import make


def main(stage_: stage.Stage) -> None:
    make(params.load("sample", SampleParams), stage_.progress)


if __name__ == "__main__":
    stage.run("sample", main)
