#!/bin/sh
# The training as a job of Slurm: train.sh STATE SRUN-AND-ITS-WORDS. STATE is a folder of the owner.
#   STATE/setup.sh   lines to run first
#   STATE/owner      touched as long as somebody waits for this job
#   STATE/cancelled  there when it is not to queue again
#   STATE/code       the exit code, written at the end
PATIENCE=900  # seconds without a sign of the owner

state=$1
shift
. "$state/setup.sh"
[ "${SLURM_RESTART_COUNT:-0}" -eq 0 ] || unset POLYGLOT_FRESH  # begun afresh once, it goes on
MASTER_ADDR=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
MASTER_PORT=$((20000 + SLURM_JOB_ID % 20000))
export MASTER_ADDR MASTER_PORT

"$@" &
ranks=$!

# To the ranks, which save and end with 77; srun itself would kill them.
leave() {
    asked=yes
    scancel --quiet --signal=TERM "$SLURM_JOB_ID.0"
}
asked=
trap leave TERM

watch_owner() {
    silent=0
    while sleep 15; do
        now=$(stat -c %Y "$state/owner" 2>/dev/null)
        if [ "$now" = "$seen" ]; then silent=$((silent + 15)); else silent=0; fi
        seen=$now
        if [ "$silent" -ge "$PATIENCE" ]; then
            echo "Nobody has waited for this job for $PATIENCE seconds: it saves and ends."
            touch "$state/cancelled"
            kill -TERM $$
            return
        fi
    done
}
watch_owner &
watcher=$!

while :; do
    wait "$ranks"
    code=$?
    kill -0 "$ranks" 2>/dev/null || break  # else it was the trap that ended the waiting
done
kill "$watcher" 2>/dev/null

# After SIGTERM no code of srun's can be trusted, not even 0. Was all done, the next run ends at once.
if { [ "$asked" ] || [ "$code" -eq 77 ]; } && [ ! -e "$state/cancelled" ]; then
    scontrol requeue "$SLURM_JOB_ID"  # refused where Slurm itself is queueing it again
    exit 77
fi
echo "$code" >"$state/code"
exit "$code"
