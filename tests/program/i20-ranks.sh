#!/bin/bash
# i20  many ranks: up to 16 on whatever machine this is, more ranks than shards, no window at all
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share OMP_NUM_THREADS=1
data=(--transcripts "$PWD/share/example/transcripts.fa.gz" --annotation "$PWD/share/example/annotation.gtf.gz")

scan() { # NAME RANKS OPTION...
    local name=$1 n=$2
    shift 2
    mkdir "$folder/$name"
    check "$n ranks, $name" ranks "$n" -wdir "$folder/$name" "$MUTAGREE" scan "$@" --quiet --out run.h5
}
same() { # NAME ONE OTHER
    check_output "$1" 'the results are the same, bit by bit' "$MUTAGREE" diff "$folder/$2/run.h5" "$folder/$3/run.h5"
    check "... and the same tables" cmp "$folder/$2/run.summary.tsv" "$folder/$3/run.summary.tsv"
}

common=("${data[@]}" --methods 'saliency lrp' --shard-size 8 --bootstrap 50)
scan of-1 1 "${common[@]}"
for n in 2 3 5 8 16; do
    scan of-$n $n "${common[@]}"
    same "$n ranks give the bits of one" of-1 of-$n
done
scan few-shards 16 "${common[@]}" --shard-size 100
same "16 ranks with 4 shards give them too" of-1 few-shards

# --- ranks with other kernels ---
mixed() { # ISA OF RANK 0, ISA OF RANK 1, COMMAND...
    local one=$1 other=$2
    shift 2
    ranks 1 -x MUTAGREE_ISA="$one" "$@" : -n 1 -x MUTAGREE_ISA="$other" "$@"
}
has() { MUTAGREE_ISA=$1 timeout 60 "$MUTAGREE" bench --parts forward --rounds 1 --sample 1 >/dev/null 2>&1; }
sentence='kernels whose last bits differ: rank 0 on [^ ]+ \(avx2\), but rank 1 on [^ ]+ \(portable\); .*MUTAGREE_ISA=portable'
if has avx2; then
    absent=$folder/mixed.h5.parts expect_failure 1 "$sentence" "ranks of two families are refused" \
        mixed avx2 portable "$MUTAGREE" scan "${common[@]}" --quiet --out "$folder/mixed.h5"
    expect_failure 1 "$sentence" "... in a training too" \
        mixed avx2 portable "$MUTAGREE" train "${data[@]}" --quiet --out "$folder/mixed.safetensors"
else
    skip "ranks of two families are refused" "no avx2 here"
fi
if has avx512; then
    MUTAGREE_ISA=avx2 scan avx2 1 "${common[@]}"
    mkdir "$folder/one-family"
    check "avx2 and avx512 work together" mixed avx2 avx512 "$MUTAGREE" scan "${common[@]}" --quiet \
        --out "$folder/one-family/run.h5"
    same "... and give the bits of one" avx2 one-family
else
    skip "avx2 and avx512 work together" "no avx512 here"
fi

# --- nothing to do ---
printf '>one\nACGTACGTTTTT\n' >"$folder/none.fa"
none=(--transcripts "$folder/none.fa" --candidates atg --methods saliency)
for n in 1 5 16; do scan no-window-$n $n "${none[@]}"; done
same "no window, 1 or 16 ranks" no-window-1 no-window-16

# --- where the ranks are ---
check_output "a plan tells where ranks run" 'nodes +[^ ]+: ranks 0-2, 3 threads' \
    ranks 3 "$MUTAGREE" scan "${data[@]}" --dry-run --out "$folder/plan.h5"
if [ "$(env -u OMP_NUM_THREADS nproc)" -lt 2 ]; then
    skip "threads that OpenMP binds are not taken for a narrow rank" "one core"
else
    check "threads that OpenMP binds" \
        env OMP_PROC_BIND=close OMP_PLACES=cores timeout 60 "$MUTAGREE" scan "${data[@]}" --threads 2 --dry-run \
        --out "$folder/plan.h5"
    check "... are not taken for a narrow rank" test -z "$(grep 'bind it wider' "$folder_private/err")"
fi
check "two threads on one core" timeout 60 taskset -c "$(taskset -cp $$ | sed 's/.*: //; s/[,-].*//')" \
    "$MUTAGREE" scan "${data[@]}" --threads 2 --dry-run --out "$folder/plan.h5"
remedy='2 threads but may use 1 core; .*--map-by slot:PE=2 .*--cpus-per-task=2'
check "... are warned of, with the remedy" test -n "$(grep "$remedy" "$folder_private/err")"
finish
