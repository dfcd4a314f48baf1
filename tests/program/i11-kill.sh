#!/bin/bash
# i11  killed at any moment, a run loses nothing that was finished, leaves no rank behind, and goes on to the same bits
#
#   KILLS=3    how many times         SEED=number   the moments and victims of an earlier time
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
KILLS=${KILLS:-3} SEED=${SEED:-$((RANDOM * 32768 + RANDOM))}
RANDOM=$SEED
note "SEED=$SEED KILLS=$KILLS"
data=(--transcripts "$PWD/share/example/transcripts.fa.gz" --annotation "$PWD/share/example/annotation.gtf.gz"
    --methods 'saliency integrated_gradients:steps=300 lrp' --shard-size 4 --bootstrap 1000 --threads 1 --quiet)
compare=$BUILD/tests/tools/compare_runs
tool compare_runs
tool slow_disk.so
mkdir "$folder/whole"
check "a run that is not killed" ranks 2 -wdir "$folder/whole" "$MUTAGREE" scan "${data[@]}" --out run.h5

shards() { # the finished shards of $place, with their sums
    (cd "$place/run.h5.parts" 2>/dev/null && sha256sum shard-*.h5 2>/dev/null)
}
below() { echo $((RANDOM % $1)); } # a number from 0 to $1 - 1
pause() { sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"; }

# A run in a session of its own, so that all of it can be found.
start() { # RANKS
    (cd "$place" && exec setsid timeout -k 5 100 mpirun --oversubscribe --bind-to none -n "$1" "${slow_disk[@]}" \
        "$MUTAGREE" scan "${data[@]}" --out run.h5) >"$folder_private/log" 2>&1 &
    job=$!
    disown "$job" # or bash tells of each kill
}
members() { pgrep -s "$job" -x "$1"; }
has_begun() { [ -e "$place/run.h5.parts/plan.json" ]; }
is_merging() { [ -e "$place/run.h5.part" ] || [ "$(shards | wc -l)" -ge "$all" ]; }
nobody_left() { ! pgrep -s "$job" >/dev/null; }
wait_for_all() { # half a minute at most
    for _ in $(seq 600); do
        nobody_left && return
        sleep 0.05
    done
}

victims() { # WHO: process numbers
    case $1 in
        mpirun) members mpirun ;;
        'rank 0') members mutagree | head -n 1 ;;
        'the last rank') members mutagree | tail -n 1 ;;
        'all ranks') members mutagree ;;
        everything) pgrep -s "$job" ;;
    esac
}

all=$(((268 + 3) / 4)) lost=0 left=0 n_killed=0 n_finished=0 n_runs=0
whos=('rank 0' 'the last rank' mpirun 'all ranks' everything)
tally=

new_place() {
    place=$folder/place$n_runs
    mkdir "$place"
    n_runs=$((n_runs + 1))
}

# What was finished before is there with the same bytes, or the run has reached its end.
check_kept() { # BEFORE
    [ -e "$place/run.h5" ] && return
    shards >"$folder_private/after"
    comm -23 <(sort <<<"$1") <(sort "$folder_private/after") | grep -q . || return
    lost=$((lost + 1))
    note "lost after $who was killed: $(comm -23 <(sort <<<"$1") <(sort "$folder_private/after") | head -n 3)"
}

kill_once() {
    local n=$((1 + $(below 4))) before
    who=${whos[$(below ${#whos[@]})]}
    where=$(below 4)
    [ "$n_killed" -gt 0 ] || where=1 # at the end of a run there may be nobody left to meet
    start "$n"
    if [ "$where" = 0 ]; then await "$job" is_merging; else await "$job" has_begun; fi
    pause "$(below $((where == 0 ? 300 : 1000)))"
    before=$(shards)
    # shellcheck disable=SC2046
    kill -KILL $(victims "$who") 2>/dev/null && n_killed=$((n_killed + 1))
    wait_for_all
    if ! nobody_left; then
        left=$((left + 1))
        note "left after $who of $n ranks was killed: $(pgrep -s "$job" -l | tr '\n' ' ')"
        pkill -KILL -s "$job"
    fi
    check_kept "$before"
    tally+="$n ranks, $who, $(shards | wc -l) of $all shards"$'\n'
}

# To the end, without a kill; a run that had ended before it was killed has nothing left to do.
complete() {
    local n=$((1 + $(below 4))) status=0
    ranks $n -wdir "$place" "$MUTAGREE" scan "${data[@]}" --out run.h5 >"$folder_private/log" 2>&1 || status=$?
    if [ $status -ne 0 ] && ! grep -q 'run.h5 is there already' "$folder_private/log"; then
        note "status $status on $n ranks:"
        sed 's/^/# | /' "$folder_private/log"
        return 1
    fi
    "$compare" "$folder/whole/run.h5" "$place/run.h5" >"$folder_private/difference" &&
        cmp "$folder/whole/run.summary.tsv" "$place/run.summary.tsv" &&
        cmp "$folder/whole/run.summary.json" "$place/run.summary.json"
}

new_place
wrong=0
for _ in $(seq "$KILLS"); do
    kill_once
    # Three or so kills a run; one that has written its result is over.
    if [ -e "$place/run.h5" ] || [ "$(below 3)" = 0 ]; then
        complete || wrong=$((wrong + 1))
        n_finished=$((n_finished + 1))
        rm -r "$place"
        new_place
    fi
done
complete || wrong=$((wrong + 1))
n_finished=$((n_finished + 1))
note "$tally"
check "$n_killed of $KILLS kills met somebody" test "$n_killed" -gt 0
check "no finished shard was lost" test "$lost" -eq 0
check "no process was left behind" test "$left" -eq 0
check "$n_finished runs went on to the same bits" test "$wrong" -eq 0
finish
