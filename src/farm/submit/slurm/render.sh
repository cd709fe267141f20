#!/bin/bash
# Renders one of COUNT shards of one frame: render.sh FRAME COUNT OFFSET, as task SHARD - OFFSET of
# an array.
# Written by `skywell submit slurm`; edit it as you like, then run submit.sh.
#SBATCH --job-name=@NAME@.render
#SBATCH --chdir=@CHDIR@
#SBATCH --output=@LOGS@/render.%A_%a.log
#SBATCH --open-mode=append
#SBATCH --requeue
# A minute before the time limit the shard saves a checkpoint and ends with 75: it goes on later.
#SBATCH --signal=B:USR1@60
@RESOURCES@
set -u
frame=$1
count=$2
shard=$(($3 + SLURM_ARRAY_TASK_ID))

# Slurm's own count of restarts has no limit, and does not know of tasks that were submitted again.
starts=@FOLDER@/starts/$frame.$shard
begin() {
    echo "$(date -u +%FT%TZ) job ${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID on $(hostname)" >>"$starts"
    if [ "$(wc -l <"$starts")" -gt @ATTEMPTS@ ]; then
        echo "Error: shard $shard of frame $frame was started @ATTEMPTS@ times and never finished:" \
            "see $starts and the logs beside it" >&2
        exit 1
    fi
}

# A shard that is there and whole is not rendered again, one begun goes on from its checkpoint.
render() {
    exec @SKYWELL@ render @SCENE@ \
        --frames "$frame"@FPS@ --shard "$shard/$count" -o @OUTPUT@ --progress plain@THREADS@@FLAGS@
}

# A process that dies of a signal nobody sent it by way of Slurm, say for want of memory, goes on at
# once on this machine; everything else is left to merge.sh.
told=
while :; do
    begin
    render &
    process=$!
    trap 'told=1; kill -TERM $process' TERM
    trap 'told=1; kill -USR1 $process' USR1
    wait $process
    code=$?
    while kill -0 $process 2>/dev/null; do
        wait $process
        code=$?
    done
    [ -z "$told" ] && [ $code -gt 128 ] || exit $code
    echo "Ended with $code; goes on."
done
