#!/bin/bash
# i09  an interrupted run loses nothing that was finished: the same command goes on and ends with the same bits
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
data=(--transcripts "$PWD/share/example/transcripts.fa.gz" --annotation "$PWD/share/example/annotation.gtf.gz"
    --methods 'saliency integrated_gradients:steps=200 lrp' --shard-size 4 --bootstrap 50 --quiet)
compare=$BUILD/tests/tools/compare_runs
tool compare_runs
tool slow_disk.so

# Each run is called run.h5 in a folder of its own, so that the command is the same.
mkdir "$folder/whole"
check "a run that is not interrupted" ranks 2 -wdir "$folder/whole" "$MUTAGREE" scan "${data[@]}" --out run.h5

n_shards() { # FOLDER
    find "$1/run.h5.parts" -name 'shard-*.h5' 2>/dev/null | wc -l
}
has_shards() { [ "$(n_shards "$1")" -ge "$2" ]; } # FOLDER NUMBER
# Kill the whole run, mpirun and all ranks, when AFTER shards are finished.
interrupt() { # FOLDER RANKS AFTER SIGNAL
    (cd "$1" && exec setsid timeout -k 5 120 mpirun --oversubscribe --bind-to none -n "$2" "${slow_disk[@]}" "$MUTAGREE" \
        scan "${data[@]}" --out run.h5) >"$folder_private/log" 2>&1 &
    local job=$!
    await "$job" has_shards "$1" "$3"
    pkill "-$4" -s "$job" -x mutagree
    pkill -KILL -s "$job" -x mpirun
    wait "$job" 2>/dev/null
    for _ in $(seq 1200); do # until none of them writes any more
        pgrep -s "$job" >/dev/null || break
        sleep 0.05
    done
}

round=0
for how in '2 3 KILL' '1 1 KILL' '3 9 KILL' '2 20 TERM'; do
    read -r n after signal <<<"$how"
    round=$((round + 1))
    place=$folder/$round
    mkdir "$place"
    interrupt "$place" "$n" "$after" "$signal"
    finished=$(n_shards "$place")
    check "round $round: $n ranks end by SIG$signal with $finished shards finished and no result" \
        test "$finished" -ge "$after" -a ! -e "$place/run.h5"
    other=$((n % 3 + 1))
    check "round $round: $other ranks go on" ranks $other -wdir "$place" "$MUTAGREE" scan "${data[@]}" --out run.h5
    check "round $round: the same numbers in the end" "$compare" "$folder/whole/run.h5" "$place/run.h5"
    check "round $round: the same summary" cmp "$folder/whole/run.summary.tsv" "$place/run.summary.tsv"
    check "round $round: the shards are gone" test ! -e "$place/run.h5.parts"
done

# What goes on is the same run, or it does not go on.
place=$folder/other
mkdir "$place"
interrupt "$place" 2 2 KILL
kept=$(n_shards "$place")
cd "$place" || exit 1
expect_failure 1 'another seed \(1, now 2\)' "another seed is refused" "$MUTAGREE" scan "${data[@]}" --seed 2 --out run.h5
if [ "${MUTAGREE_ISA:-}" != portable ] && grep -qw avx2 /proc/cpuinfo && grep -qw fma /proc/cpuinfo; then
    expect_failure 1 'another kernel family \(fused multiply-add, now portable\)' "kernels with other last bits are refused" \
        env MUTAGREE_ISA=portable "$MUTAGREE" scan "${data[@]}" --out run.h5
else
    skip "kernels with other last bits are refused" "the portable ones are all there is here"
fi
expect_failure 1 'another input' "another input is refused" "$MUTAGREE" scan "${data[@]}" --candidates annotated --out run.h5
expect_failure 1 'another score' "another score is refused" "$MUTAGREE" scan "${data[@]}" --score probability --out run.h5
check "what was finished is still there" test "$(n_shards "$place")" -eq "$kept"
printf 'garbage' >run.h5.parts/shard-00000000.h5
"$MUTAGREE" scan "${data[@]}" --out run.h5 2>told >/dev/null
check "a shard that is none is named, and worked on again" grep -q 'warning: .*shard-00000000.h5: .*worked on again' told
check "... with the same numbers in the end" "$compare" "$folder/whole/run.h5" run.h5
cd "$OLDPWD" || exit 1

# Two runs do not work in one folder.
place=$folder/twice
mkdir "$place"
(cd "$place" && exec timeout -k 5 120 "${slow_disk[@]}" "$MUTAGREE" scan "${data[@]}" --out run.h5) >"$folder_private/log" 2>&1 &
job=$!
await "$job" has_shards "$place" 1
kill -STOP "$(pgrep -P "$job" -x mutagree)"
expect_failure 1 'run.h5.parts belongs to a run that is still alive \(process [0-9]+ on node .*, since 20.*Z\)' \
    "a second run beside a living one is refused" ranks 2 -wdir "$place" "$MUTAGREE" scan "${data[@]}" --out run.h5
kill -KILL "$(pgrep -P "$job" -x mutagree)"
wait "$job" 2>/dev/null
check "... and goes on when that one was killed" ranks 2 -wdir "$place" "$MUTAGREE" scan "${data[@]}" --out run.h5
check "... with the same numbers in the end" "$compare" "$folder/whole/run.h5" "$place/run.h5"
finish
