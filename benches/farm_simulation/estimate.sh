#!/bin/bash
# Compares what `skywell estimate` predicts with what is taken then, on the CPU, with nothing else to do:
#
#     estimate.sh SKYWELL SCENE…
#
# For each scene: one frame, the same in 4 and in 16 shards, and a shot of 4 frames. Prints a table of seconds, predicted
# / taken: until the picture is there if every shard has a machine of its own, and of all machines together, which
# energy and cost are proportional to; and of megabytes. A shot's frames are made by one process, which keeps some of
# what it frees.
set -euo pipefail
skywell=$(realpath "$1")
shift
flags=(--size 960x540 --spp 8 --backend cpu)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# stat NAME FILE: one of the statistics.
stat() { awk -F'[:,]' -v name="\"$1\"" '$1 ~ name { print $2 + 0 }' "$folder/$2"; }
# pair PREDICTED TAKEN: both, and how much of the second the first is.
pair() { awk -v p="$1" -v t="$2" 'BEGIN { printf " %.1f / %.1f = **%.2f** |", p, t, p / t }'; }
# seconds COMMAND…: how long it takes.
seconds() {
    local began=$EPOCHREALTIME
    "$@" >/dev/null 2>&1
    awk "BEGIN { print $EPOCHREALTIME - $began }"
}

echo "| scene | of it | time | machine time | memory |"
echo "|---|--:|--:|--:|--:|"
for scene in "$@"; do
    name=$(basename "$scene")
    scene=$(realpath "$scene")
    estimate() { "$skywell" estimate "$scene" --seconds 1 --shards 1,4,16 "$@" -- "${flags[@]}" 2>/dev/null; }
    # memory TEXT: megabytes that it predicts.
    memory() { sed -n 's/^a frame: .* \([0-9]*\) MB of memory.*/\1/p' <<<"$1"; }
    predicted=$(cd "$folder" && estimate)
    shot=$(cd "$folder" && estimate --frames 1-4)
    # row NUMBER TEXT: time and machine time of one row of it.
    row() { awk -v row="$1" '$3 == "s" && $5 == "s" && ++n == row { print $2, $4 }' <<<"$2"; }
    render() { (cd "$folder" && "$skywell" render "$scene" "${flags[@]}" --progress none "$@" 2>/dev/null); }

    read -r time machine <<<"$(row 1 "$predicted")"
    taken=$(seconds render -o whole.exr --stats stats.json)
    bytes=$(stat peak_memory_bytes stats.json)
    echo "| $name | the frame |$(pair "$time" "$taken")$(pair "$machine" "$taken")$(pair "$(memory "$predicted")" "${bytes}e-6")"

    number=2
    for shards in 4 16; do
        read -r time machine <<<"$(row $number "$predicted")"
        longest=0 sum=0
        for index in $(seq 0 $((shards - 1))); do
            taken=$(seconds render --shard "$index/$shards" -o part.exr)
            read -r longest sum <<<"$(awk -v l="$longest" -v s="$sum" -v t="$taken" 'BEGIN { print (t > l ? t : l), s + t }')"
        done
        merging=$(seconds "$skywell" merge "$folder"/part.shard*-of-00"$(printf %02d "$shards")".exr -o "$folder/part.exr")
        echo "| | $shards shards |$(pair "$time" "$(awk "BEGIN { print $longest + $merging }")")$(pair "$machine" "$(awk "BEGIN { print $sum + $merging }")") |"
        number=$((number + 1))
    done

    read -r time machine <<<"$(row 4 "$shot")"
    taken=$(seconds render --frames 1-4 -o shot.#.exr --stats shot.#.json)
    bytes=$(stat peak_memory_bytes shot.4.json)
    echo "| | 4 frames |$(pair "$time" "$taken")$(pair "$machine" "$taken")$(pair "$(memory "$shot")" "${bytes}e-6")"
done
