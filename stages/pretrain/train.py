"""One of the training processes: ``python -m stages.pretrain.train`` under torchrun or srun.

Reads params.yaml and data/tokens, resumes from data/checkpoints, and leaves data/pretrain. The
weights to begin with, if not random ones, are named by a folder and their SHA-256.
"""

import sys
import warnings
from pathlib import Path

import torch.distributed as dist

from runtime import files, launch, params, paths, stage
from runtime.errors import PolyglotError
from runtime.progress import Progress
from runtime.tracking import Tracker
from stages.pretrain.engine import world
from stages.pretrain.initial import Initial
from stages.pretrain.memory import advice, is_out_of_memory
from stages.pretrain.outputs import write
from stages.pretrain.params import PretrainParams
from stages.pretrain.trainer import Trainer

NAME = "pretrain"
PEER_GONE = ("Connection closed by peer", "Connection reset by peer")  # in gloo's words


def main() -> None:
    what = params.load(NAME, PretrainParams)
    manifest = files.read_json(paths.TOKENS / "manifest.json")
    begin = Initial(Path(sys.argv[1]), sys.argv[2]) if len(sys.argv) > 1 else None
    with world() as here:
        first = here.rank == 0
        progress = Progress(stage.progress_file(NAME) if first else None)
        tracker = Tracker.of_stage(NAME) if first else Tracker(None)
        try:
            trainer = Trainer(what, manifest, begin, here, progress, tracker)
            trainer.run()
        except RuntimeError as error:  # of which torch's error for lack of memory is one
            if is_out_of_memory(error):
                raise PolyglotError(advice(what, here.size, error)) from None
            if any(sign in str(error) for sign in PEER_GONE):
                raise PolyglotError(
                    "Another training process has ended, and this with it."
                ) from None
            raise
        if first:
            metrics = write(trainer, paths.PRETRAIN)
            progress.headline(
                f"validation loss {metrics['validation_loss']:.3f} after {what.steps:,} steps"
            )
        dist.barrier(group=here.control)  # Slurm ends the others soon after one has ended


if __name__ == "__main__":
    # DeepSpeed 0.19 calls names that torch 2.13 calls deprecated.
    warnings.filterwarnings("ignore", category=FutureWarning, module="torch.distributed")
    code = stage.guard(main)
    sys.exit(launch.SAVED if code == stage.TERMINATED else code)
