#!/bin/bash
# i18  memory grows by no more than 16 bytes a distinct window, on every rank
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
# kB: 16 bytes of each of 210,000 distinct windows more, and 4,000 for buffers that grow up to a size; held windows would take
# 90,000 more.
bound=$((16 * 210 + 4000))

if ! command -v time >/dev/null; then
    skip "memory does not grow with the windows" "the program time is not installed"
    finish
fi
clock=$(command -v time)

# Twenty transcripts of 1,500 ATGs each, COPIES times.
transcripts() { # COPIES
    awk -v copies="$1" 'BEGIN {
        srand(1)
        for (t = 0; t < 20 * copies; t++) {
            print ">t" t
            for (l = 0; l < 100; l++) {
                line = ""
                for (k = 0; k < 15; k++) line = line "ATG" substr("ACGT", 1 + int(4 * rand()), 1)
                print line
            }
        }
    }'
}
# The largest of the ranks' peaks, in kB.
peak() { # NAME RANKS OPTION...
    local name=$1 n=$2
    shift 2
    # shellcheck disable=SC2016 # each rank expands it
    ranks "$n" bash -c 'out=$1 clock=$2
        shift 2
        exec "$clock" -f %M -o "$out.$OMPI_COMM_WORLD_RANK" "$MUTAGREE" scan --out "$out.h5" "$@"' one_rank \
        "$folder/$name" "$clock" "${options[@]}" "$@" >"$folder_private/log" 2>&1
    cat "$folder/$name".[0-9]* 2>/dev/null | grep -E '^[0-9]+$' | sort -n | tail -n 1
}
options=(--model tests/data/small.pth --methods 'saliency lrp' --store summary --shard-size 1000 --bootstrap 10
    --threads 1 --quiet)
compare() { # NAME RANKS
    local small large
    small=$(peak "one$2" "$2" --transcripts "$folder/one.fa")
    large=$(peak "eight$2" "$2" --transcripts "$folder/eight.fa")
    if [ -n "$small" ] && [ -n "$large" ] && [ $((large - small)) -lt $bound ]; then
        ok "$1: at most $small kB for 30,000 windows, $large kB for 240,000"
    else
        not_ok "$1: $small kB for 30,000 windows, $large kB for 240,000"
        tail -n 5 "$folder_private/log" | sed 's/^/# /'
    fi
}
transcripts 1 >"$folder/one.fa"
transcripts 8 >"$folder/eight.fa"
compare "memory does not grow with the windows, 1 rank" 1
compare "... nor on any of 3 ranks" 3
check_output "all windows were there" '240000' grep '^# windows' "$folder/eight3.summary.tsv"
finish
