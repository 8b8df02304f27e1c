"""One of the training processes: ``python -m stages.pretrain.train`` under torchrun or srun.

Reads params.yaml and data/tokens, resumes from data/checkpoints, and leaves data/pretrain.
"""

import sys
import warnings

from runtime import files, params, paths, stage
from runtime.progress import Progress
from runtime.tracking import Tracker
from stages.pretrain.engine import world
from stages.pretrain.outputs import write
from stages.pretrain.params import PretrainParams
from stages.pretrain.trainer import Trainer

NAME = "pretrain"


def main() -> None:
    what = params.load(NAME, PretrainParams)
    manifest = files.read_json(paths.TOKENS / "manifest.json")
    with world() as here:
        first = here.rank == 0
        progress = Progress(stage.progress_file(NAME) if first else None)
        tracker = Tracker.of_stage(NAME) if first else Tracker(None)
        trainer = Trainer(what, manifest, here, progress, tracker)
        trainer.run()
        if first:
            metrics = write(trainer, paths.PRETRAIN)
            progress.headline(
                f"validation loss {metrics['validation_loss']:.3f} after {what.steps:,} steps"
            )


if __name__ == "__main__":
    # DeepSpeed 0.19 calls names that torch 2.13 calls deprecated.
    warnings.filterwarnings("ignore", category=FutureWarning, module="torch.distributed")
    sys.exit(stage.guard(main))
