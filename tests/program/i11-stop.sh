#!/bin/bash
# i11  asked to stop by a signal or by the clock, a run finishes what it has in hand, says how to go on, and ends with 75
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
example=(--transcripts "$PWD/share/example/transcripts.fa.gz" --annotation "$PWD/share/example/annotation.gtf.gz")
data=("${example[@]}" --methods 'saliency integrated_gradients:steps=500' --shard-size 2 --bootstrap 50 --threads 1 --quiet)
compare=$BUILD/tests/tools/compare_runs
tool compare_runs
tool slow_disk.so
mkdir "$folder/whole"
check "a run that nobody stops" ranks 2 -wdir "$folder/whole" "$MUTAGREE" scan "${data[@]}" --out run.h5

n_shards() { find "$place/run.h5.parts" -name 'shard-*.h5' 2>/dev/null | wc -l; }
has_shards() { [ "$(n_shards)" -ge "$1" ]; }
new_place() { place=$folder/$1 && mkdir "$place"; }
start() { # COMMAND...: in a session of its own, in $place, with what it says in $place/log
    (cd "$place" && exec setsid timeout -k 5 200 "$@") >"$folder_private/out" 2>"$place/log" &
    job=$!
}
scan() { start "${slow_disk[@]}" "$MUTAGREE" scan "$@" --out run.h5; }
scan_on() { # RANKS OPTION...
    local n=$1
    shift
    start mpirun --oversubscribe --bind-to none -n "$n" "${slow_disk[@]}" "$MUTAGREE" scan "$@" --out run.h5
}
rank() { pgrep -s "$job" -x mutagree | sed -n "$1p"; }
ends() { # NAME STATUS REGEX: so does the job that was started
    local status=0
    wait "$job" || status=$?
    if [ $status -eq "$2" ] && { [ -z "$3" ] || grep -Eq -- "$3" "$place/log"; }; then
        ok "$1"
    else
        not_ok "$1"
        note "status $status"
        tail -n 5 "$place/log" | sed 's/^/# | /'
    fi
}
safe='mutagree: stopped by SIG[A-Z0-9]*; [0-9]+ of 134 shards are safe in run.h5.parts: run the same command to go on$'

# --- in the work, and on to the same bits ---
new_place signals
scan "${data[@]}"
await "$job" has_shards 1
kill -INT "$(rank 1)"
ends "SIGINT to the only process" 75 "$safe"
scan "${data[@]}"
await "$job" has_shards 4
kill -TERM "$(rank 1)"
ends "SIGTERM to the only process" 75 "$safe"
n=$(n_shards)
for r in 1 2 3; do
    scan_on 3 "${data[@]}"
    await "$job" has_shards $((n + 4))
    kill -USR1 "$(rank $r)"
    ends "SIGUSR1 to one rank of three, $r" 75 "$safe"
    n=$(n_shards)
done
scan_on 2 "${data[@]}"
await "$job" has_shards $((n + 4))
kill -USR1 "$(pgrep -s "$job" -x mpirun)"
ends "SIGUSR1 to mpirun" 75 "$safe"
n=$(n_shards)
check "a run that was stopped lets go of its folder" test ! -e "$place/run.h5.parts/lock"
check "... in which the status is told" grep -q '"state": "interrupted"' "$place/run.h5.parts/status.json"
scan_on 2 "${data[@]}"
await "$job" has_shards $((n + 4))
kill -TERM "$(pgrep -s "$job" -x mpirun)"
wait "$job" && not_ok "SIGTERM to mpirun ends with 0" # its ranks get a second or two
check "after SIGTERM to mpirun nothing is lost" test "$(n_shards)" -ge $((n + 4))
check "the same command goes on to the end" ranks 3 -wdir "$place" "$MUTAGREE" scan "${data[@]}" --out run.h5
check "... and to the same bits" "$compare" "$folder/whole/run.h5" "$place/run.h5"
check "... and to the same summary" cmp "$folder/whole/run.summary.tsv" "$place/run.summary.tsv"

# --- at other times ---
new_place reading
mkfifo "$place/pipe"
scan_on 2 --transcripts pipe --annotation "${example[3]}" --quiet
exec 3>"$place/pipe"
echo '>one' >&3
kill -USR1 "$(rank 2)" "$(rank 1)"
sleep 0.5 # a signal that is not there yet would be heard a step later
for _ in 1 2 3; do echo ACGT >&3; done
exec 3>&-
ends "while the input is read" 75 'mutagree: stopped by SIGUSR1'
check "... which leaves nothing behind" test ! -e "$place/run.h5.parts"

new_place merge
scan_on 2 "${example[@]}" --methods saliency --bootstrap 200000 --quiet
await "$job" grep -q '"state": "merging"' "$place/run.h5.parts/status.json" 2>/dev/null
kill -USR1 "$(rank 1)"
ends "while the aggregates are made" 75 '5 of 5 shards are safe'

new_place twice
start "${slow_disk[@]}" SLOW_DISK_MS=150000 "$MUTAGREE" scan "${data[@]}" --out run.h5 # hangs as soon as it writes its plan
await "$job" compgen -G "$place/run.h5.parts/plan.json*" >/dev/null
kill -INT "$(rank 1)"
await "$job" grep -Eq '^ShdPnd:\s*0+$' "/proc/$(rank 1)/status" # one that still waits would swallow the next
kill -INT "$(rank 1)"
ends "a second SIGINT ends at once" 130 ''

# --- the clock ---
new_place clock
scan_on 2 "${example[@]}" --methods saliency --shard-size 1 --quiet --max-time 3s
ends "--max-time ends a long run" 75 'stopped because (--max-time 3s leaves no time|the time given is over)'
expect_failure 75 'stopped because the time given is over' "no time at all" \
    "$MUTAGREE" scan "${data[@]}" --out "$place/none.h5" --max-time 0.000001
check "... leaves nothing behind" test ! -e "$place/none.h5.parts"
check "time enough" "$MUTAGREE" scan "${example[@]}" --methods saliency --quiet --out "$place/enough.h5" --max-time 1-00:00:00
for wrong in 0 5x 1:2:3:4 -5; do
    expect_failure 2 "--max-time" "--max-time=$wrong" "$MUTAGREE" scan "${data[@]}" --out "$place/none.h5" --max-time=$wrong
done

# --- what a monitor and a log see ---
new_place words
scan_on 3 "${example[@]}" --methods saliency --status state.json --nice
ends "--status and --nice" 0 ''
check "the status file tells of the end" grep -q '"state": "done"' "$place/state.json"
check "... and how much was done" grep -q '"shards_done": 5' "$place/state.json"
for r in 0 1 2; do
    check "the log names rank $r and the time" \
        grep -Eq "^20[0-9-]{8}T[0-9:]{8}Z rank $r of 3 on [^ ]+: [0-9]+ windows in [0-9]+ shards" "$place/log"
done
scan "${example[@]}" --methods saliency --status none/state.json --force
ends "a status file that cannot be written is a warning" 0 'warning: cannot create none/state.json'
finish
