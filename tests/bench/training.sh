#!/bin/bash
# training.sh  seconds an epoch of training takes with 1 rank, with 2 ranks, and with 1 rank of 2 threads
# usage: tests/bench/training.sh [OPTION OF TRAIN]...     (such as --arch FILE; --transcripts and --annotation for other data)
#        ROUNDS=5  each round runs the three one after the other; ratios are taken within a round
#        EPOCHS=3  of each run; the first is not counted
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"
set -o pipefail
export LC_ALL=C

data=$root/../shared/data/human/chr13_18_22_Y
if [ -r "$data.transcripts.fa.gz" ]; then
    data=(--transcripts "$data.transcripts.fa.gz" --annotation "$data.starts.bed")
else # few windows: more epochs, and all windows in each
    data=(--transcripts "$root/share/example/transcripts.fa.gz" --annotation "$root/share/example/annotation.gtf.gz" --negatives 0)
    EPOCHS=${EPOCHS:-100}
fi

train() { # RANKS THREADS [OPTION]...
    local ranks=$1 threads=$2
    shift 2
    timeout -k 10 1200 mpirun -n "$ranks" "$MUTAGREE" train "${data[@]}" --epochs "${EPOCHS:-3}" "$@" --threads "$threads" \
        --force --out "$folder/net.h5" 2>&1
}

# Seconds an epoch, from the times at which its lines come.
measure() {
    train "$@" | tee "$folder/log" | while read -r word _; do
        [ "$word" != epoch ] || echo "$EPOCHREALTIME"
    done | awk 'NR == 1 { begin = $1 } { end = $1 } END { if (NR > 1) printf "%.4f", (end - begin) / (NR - 1) }' ||
        fail "$1 ranks with $2 threads: $(grep -m 1 '^mutagree: ' "$folder/log" || tail -n 1 "$folder/log")"
}

for _ in $(seq "${ROUNDS:-5}"); do
    one=$(measure 1 1 "$@")
    ranks=$(measure 2 1 "$@")
    threads=$(measure 1 2 "$@")
    printf '%s\n' "$one" "$one" "$ranks" "$one" "$threads" "$one" | paste - - >"$folder/round"
    paste <(printf '%s\n' '1 rank x 1 thread' '2 ranks x 1 thread' '1 rank x 2 threads') "$folder/round" >>"$folder/times"
done

grep -m 1 'distinct ' "$folder/log"
printf '  rounds       %s; medians, and quartiles as low-high; load average now %s\n\n' "${ROUNDS:-5}" "$(uptime | sed 's/.*average: //')"
# Quartiles as mutagree has them: linear between order statistics.
awk -F '\t' '
    function at(values, n, q,    place, low) {
        place = q * (n - 1); low = int(place)
        return low + 1 < n ? values[low] + (place - low) * (values[low + 1] - values[low]) : values[n - 1]
    }
    function sorted(list, values,    n, i, j, x) {
        n = split(list, raw, " ")
        for (i = 0; i < n; i++) {
            x = raw[i + 1] + 0
            for (j = i; j > 0 && values[j - 1] > x; j--) values[j] = values[j - 1]
            values[j] = x
        }
        return n
    }
    !($1 in seconds) { name[++rows] = $1 }
    { seconds[$1] = seconds[$1] " " $2; ratio[$1] = ratio[$1] " " $3 / $2 }
    END {
        printf "%-20s %10s %15s %14s %11s\n", "", "s an epoch", "quartiles", "times as fast", "quartiles"
        for (r = 1; r <= rows; r++) {
            n = sorted(seconds[name[r]], s); sorted(ratio[name[r]], f)
            printf "%-20s %10.2f %15s %14.2f %11s\n", name[r], at(s, n, 0.5), sprintf("%.2f-%.2f", at(s, n, 0.25), at(s, n, 0.75)),
                at(f, n, 0.5), sprintf("%.2f-%.2f", at(f, n, 0.25), at(f, n, 0.75))
        }
    }' "$folder/times"
