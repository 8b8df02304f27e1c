"""``python -m stages.tokenize``: data/mask and data/tokenizer to data/tokens."""

from runtime import params, stage
from stages.tokenize import TokenizeParams, tokenize


def main(stage_: stage.Stage) -> None:
    tokenize(params.load("tokenize", TokenizeParams), stage_.progress, stage_.tracker)


if __name__ == "__main__":
    stage.run("tokenize", main)
