#!/bin/bash
# i07  the same input gives the same bits for any number of ranks and threads, and other input does not
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=share
data=(--transcripts share/example/transcripts.fa.gz --annotation share/example/annotation.gtf.gz)
methods='saliency integrated_gradients:steps=5 lrp deeplift:reference=shuffle'
compare=$BUILD/tests/tools/compare_runs
tool compare_runs

# Each run is called run.h5 in a folder of its own, so that the command is the same.
scan() { # NAME RANKS THREADS OPTION...
    local name=$1 n=$2 t=$3
    shift 3
    mkdir "$folder/$name"
    (cd "$folder/$name" && MUTAGREE_SHARE=$OLDPWD/share ranks "$n" -x OMP_NUM_THREADS="$t" "$MUTAGREE" scan "$@" \
        --quiet --out run.h5) >"$folder_private/log" 2>&1
}
same() { # NAME ONE OTHER
    local one=$folder/$2 other=$folder/$3
    if "$compare" "$one/run.h5" "$other/run.h5" >"$folder_private/difference" &&
        cmp "$one/run.summary.tsv" "$other/run.summary.tsv" && cmp "$one/run.summary.json" "$other/run.summary.json"; then
        ok "$1 ($(tail -n 1 "$folder_private/difference"))"
    else
        not_ok "$1"
        tail -n 5 "$folder_private/difference" "$folder_private/log" | sed 's/^/# /'
    fi
}
data=("${data[@]/#share/$PWD/share}")
common=("${data[@]}" --methods "$methods" --store hypothetical --shard-size 16 --compress 1 --bootstrap 100)
scan 1x1 1 1 "${common[@]}" || not_ok "scan runs"
for n in 1 2 3 5; do
    for t in 1 2; do
        [ $n$t = 11 ] && continue
        scan ${n}x$t $n $t "${common[@]}"
        same "$n ranks x $t threads give the bits of 1 x 1" 1x1 ${n}x$t
    done
done
scan size 2 1 "${common[@]}" --shard-size 100
same "the size of shards does not matter" 1x1 size
scan plain 3 1 "${common[@]}" --compress 0
same "compression does not matter" 1x1 plain

# The comparison can fail, and another seed shows where it should.
scan seed 1 2 "${common[@]}" --seed 2
if "$compare" "$folder/1x1/run.h5" "$folder/seed/run.h5" >"$folder_private/difference"; then
    not_ok "another seed gives other numbers"
else
    ok "another seed gives other numbers"
fi
check "... for shuffled references" grep -q '^attribution/deeplift/contribution' "$folder_private/difference"
check "... for intervals" grep -q '^summary/aggregate/lo' "$folder_private/difference"
check "... and nowhere else in the attributions" test -z \
    "$(grep '^attribution' "$folder_private/difference" | grep -v '^attribution/deeplift/')"
if command -v h5diff >/dev/null; then
    check "h5diff agrees" h5diff --exclude-path /provenance "$folder/1x1/run.h5" "$folder/5x2/run.h5"
else
    skip "h5diff agrees" "h5diff is not installed"
fi
finish
