#!/bin/bash
# Measures the costs of costs.toml that this machine can tell, two minutes with nothing else to do:
#
#     measure.sh SKYWELL SCENE LARGE_SCENE
#
# SKYWELL is the program, built with --release; SCENE the one whose frames are rendered; LARGE_SCENE
# one of millions of triangles.
set -euo pipefail
skywell=$(realpath "$1")
scene=$(realpath "$2")
large=$(realpath "$3")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# render FLAG…: renders on the CPU and leaves statistics.
render() { "$skywell" render "$@" --backend cpu --progress none --stats stats.json 2>/dev/null; }
# stat NAME: one of the statistics.
stat() { awk -F'[:,]' -v name="\"$1\"" '$1 ~ name { print $2 + 0 }' stats.json; }
# calculate FORMULA
calculate() { awk "BEGIN { printf \"%.4g\\n\", $1 }"; }
# seconds COMMAND…: how long it takes.
seconds() {
    local began=$EPOCHREALTIME
    # Some shards are no frame; what counts is that they were read.
    "$@" >/dev/null 2>&1 || true
    calculate "$EPOCHREALTIME - $began"
}
# tracing SIZE SAMPLES: how long a frame is traced, as estimated.
tracing() {
    "$skywell" estimate "$scene" --seconds 10 -- --backend cpu --size "$1" --spp "$2" 2>/dev/null |
        sed -n 's/^a frame: .* start, \([0-9.]*\) s to render.*/\1/p'
}

render "$large" --size 64x36 --spp 1 -o large.exr
echo "start_s = $(calculate "$(stat load_s) + $(stat build_s)")"
echo "heavy_frame_s = $(tracing 3840x2160 1024)"
echo "ordinary_frame_s = $(tracing 1920x1080 512)"

for index in $(seq 0 15); do
    render "$scene" --size 960x540 --spp 32 --shard "$index/16" -o spread.exr
    stat user_cpu_s
done | awk '{ n += 1; sum += $1; squares += $1 * $1 }
    END { mean = sum / n; printf "shard_spread = %.3f\n", sqrt(squares / n - mean * mean) / mean }'

# Shards of a heavy frame, traced as little as can be.
frame=(--size 3840x2160 --spp 1 --shard-by tiles)
render "$scene" "${frame[@]}" --shard 0/1000 -o small.exr
write_shard=$(stat write_s)
echo "write_shard_s = $write_shard"
for index in $(seq 0 7); do
    render "$scene" "${frame[@]}" --shard "$index/8" -o few.exr
done
echo "write_s = $(calculate "8 * ($(stat write_s) - $write_shard)")"
few=$(seconds "$skywell" merge few.shard* -o few.exr)
[ -s few.exr ]
# Equal copies are read and checked like different shards.
one=$(seconds "$skywell" merge small.shard*)
for copy in $(seq 200); do cp small.shard* "copy$copy.exr"; done
copies=$(seconds "$skywell" merge small.shard* copy*.exr)
merge_shard=$(calculate "($copies - $one) / 200")
echo "merge_s = $(calculate "$few - 8 * $merge_shard")"
echo "merge_shard_s = $merge_shard"
