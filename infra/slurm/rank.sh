#!/bin/sh
# One training process: what Slurm tells, under the names that torch.distributed reads.
export RANK="$SLURM_PROCID" WORLD_SIZE="$SLURM_NTASKS" LOCAL_RANK="$SLURM_LOCALID"
exec "$@"
