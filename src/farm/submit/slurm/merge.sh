#!/bin/bash
# Merges the COUNT shards of one frame once their jobs have ended, however they ended: merge.sh
# FRAME COUNT ROUND. What is missing or damaged is submitted again, in @ATTEMPTS@ rounds at most.
# Written by `skywell submit slurm`; edit it as you like, then run submit.sh.
#SBATCH --job-name=@NAME@.merge
#SBATCH --chdir=@CHDIR@
#SBATCH --output=@LOGS@/merge.%j.log
#SBATCH --open-mode=append
#SBATCH --requeue
@RESOURCES@
set -u
frame=$1
count=$2
round=$3
number=$(printf %0@DIGITS@d "$frame")
picture=@PICTURE@
merged=@FOLDER@/merged/$frame
[ -e "$merged" ] && exit 0

padded=$(printf %04d "$count")
shopt -s nullglob
shards=(@SHARD_FILES@)
if [ ${#shards[@]} -gt 0 ]; then
    missing=$(@SKYWELL@ merge "${shards[@]}" -o "$picture" --missing-list@FLAGS@)
    code=$?
else
    echo "There is no shard of frame $frame yet."
    missing=0-$((count - 1))
    code=65
fi
if [ $code = 0 ]; then
    touch "$merged"
    # The picture has been written from all shards, each checked: they are not needed any more.
    rm -f -- "${shards[@]}"
elif [ $code = 65 ] && [ -n "$missing" ]; then
    if [ "$round" -ge @ATTEMPTS@ ]; then
        echo "Error: frame $frame lacks shards $missing after $round rounds" >&2
        exit 65
    fi
    echo "Shards $missing of frame $frame are submitted again."
    exec @FOLDER@/submit.sh "$frame" "$missing" $((round + 1))
fi
exit $code
