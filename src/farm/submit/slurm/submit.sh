#!/bin/bash
# Submits all frames: submit.sh. Or some shards of one frame: submit.sh FRAME SHARDS ROUND.
# Written by `skywell submit slurm`; edit it as you like. May be run again: frames that are
# merged, and shards that are there, are not rendered again.
set -euo pipefail

# Writes the numbers of a list such as 3,7,12-15, one a line.
numbers() {
    local part
    for part in ${1//,/ }; do seq "${part%-*}" "${part#*-}"; done
}

# Prints in how many shards to render a frame: the second number of the first line of the table
# whose first number is not below the frame's.
shards_of() {
    local last count
    while read -r last count; do
        if [ "$1" -le "$last" ]; then
            echo "$count"
            return
        fi
    done <<TABLE
@TABLE@
TABLE
}

# Submits shards of a frame, in as many arrays as the largest index asks for, and their merge. That
# waits for them to end in whatever way: one that ends well in its second run counts as failed for
# `afterok`.
submit() {
    local frame=$1 shards=$2 round=$3 after=afterany count offset tasks job
    count=$(shards_of "$frame")
    for ((offset = 0; offset < count; offset += @MAX_ARRAY@)); do
        tasks=$(numbers "$shards" | awk -v low=$offset -v size=@MAX_ARRAY@ \
            '$1 >= low && $1 < low + size { print $1 - low }' | paste -sd, -)
        [ -n "$tasks" ] || continue
        job=$(sbatch --parsable --array="$tasks" @FOLDER@/render.sh "$frame" "$count" "$offset")
        after=$after:${job%%;*}
    done
    job=$(sbatch --parsable --dependency="$after" @FOLDER@/merge.sh "$frame" "$count" "$round")
    echo "Frame $frame, shards $shards: $after, merged by job ${job%%;*}"
}

if [ $# = 3 ]; then
    submit "$1" "$2" "$3"
    exit
fi
rm -rf @FOLDER@/starts
mkdir -p @FOLDER@/logs @FOLDER@/starts @FOLDER@/merged
for frame in $(seq @FIRST@ @STEP@ @LAST_FRAME@); do
    if [ -e @FOLDER@/merged/"$frame" ]; then
        echo "Frame $frame is merged already; remove @FOLDER@/merged/$frame to render it again."
    else
        submit "$frame" 0-$(($(shards_of "$frame") - 1)) 1
    fi
done
