"""``python -m stages.tokenizer``: data/mask to data/tokenizer and data/tokenizer_card.json."""

from runtime import params, stage
from stages.tokenizer import TokenizerParams, build


def main(stage_: stage.Stage) -> None:
    build(params.load("tokenizer", TokenizerParams), stage_.progress, stage_.tracker)


if __name__ == "__main__":
    stage.run("tokenizer", main)
