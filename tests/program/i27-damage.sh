#!/bin/bash
# i27  no result changes unseen: every bit of run.h5 and of its shards that turns is noticed, by every command that reads it,
# and a damaged shard of an interrupted run is worked on again. MUTAGREE_FLIPS=500 draws more bits.
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
flips=${MUTAGREE_FLIPS:-12}
data=(--transcripts "$PWD/share/example/transcripts.fa.gz" --annotation "$PWD/share/example/annotation.gtf.gz"
    --candidates annotated --methods 'saliency lrp' --shard-size 2 --bootstrap 50 --quiet)
compare=$BUILD/tests/tools/compare_runs
for t in compare_runs change_bit damage_h5; do tool $t; done
turn() { "$BUILD/tests/tools/change_bit" "$@" >"$folder/turned"; }
scan() { "$MUTAGREE" scan "${data[@]}" "$@" >/dev/null; }

check "a run" scan --store hypothetical --out "$folder/run.h5"
check "... compressed" scan --store hypothetical --compress 1 --out "$folder/packed.h5"
check "... and of virtual layout" scan --store hypothetical --layout virtual --out "$folder/virtual.h5"

# --- single bits, anywhere ---
# A command that reads all of a file must fail with a sentence that names it, within the time limit.
notices() { # NAME COMMAND...
    local file=$1 status=0
    shift
    timeout 60 "$@" >/dev/null 2>"$folder/said" || status=$?
    [ $status -eq 1 ] && [ "$(wc -l <"$folder/said")" -eq 1 ] && grep -q "^mutagree: .*$file" "$folder/said"
}
flip() { # NAME RUN FILE: turn bits of FILE, one at a time: they are noticed, or all numbers are what they were
    local name=$1 run=$2 file=$3 n_missed=0 k
    cp "$file" "$folder/sound"
    for ((k = 1; k <= flips; k++)); do
        turn "$file" $k
        notices "$(basename "$run")" "$MUTAGREE" verify "$run" --windows 1 --quiet ||
            { [ "$run" != "$file" ] && "$compare" "$folder/run.h5" "$run" >/dev/null 2>&1; } || { n_missed=$((n_missed + 1)); note "$name: $(cat "$folder/turned") $(head -c 300 "$folder/said")"; }
        cp "$folder/sound" "$file"
    done
    check "$name: $flips of $flips bits are noticed" test $n_missed -eq 0
}
flip "run.h5" "$folder/run.h5" "$folder/run.h5"
flip "compressed" "$folder/packed.h5" "$folder/packed.h5"
flip "virtual" "$folder/virtual.h5" "$folder/virtual.h5"
mapfile -t shards < <(find "$folder/virtual.h5.shards" -name 'shard-*.h5' | sort)
# Of a shard, run.h5 uses what is by position; what it holds itself may turn in the shard unseen.
flip "a shard of a virtual run" "$folder/virtual.h5" "${shards[1]}"
check "and the files are as they were" "$compare" "$folder/run.h5" "$folder/virtual.h5"

# Containers that are damaged anywhere, through the child that reads files of others: 'make damage' has more of them.
check_output "damaged containers: an answer or a sentence" ' 0 faults' timeout 300 "$BUILD/tests/tools/damage_h5" 60 1 tests/data/keras/*.h5 \
    share/models/tis-human.h5 "$folder/run.h5" "${shards[0]}"

# --- each command, and the dataset by its name ---
read_all() { # DATASET COMMAND...: it must name the dataset
    local set=$1
    shift
    cp "$folder/run.h5" "$folder/bad.h5"
    turn "$folder/bad.h5" 5 "$set"
    absent=$folder/never expect_failure 1 "bad.h5: .*dataset $set is damaged" "$set: $2" "$@"
}
for set in /windows/score /agreement/lrp/spearman /summary/aggregate/mean /transcripts/name; do
    read_all $set "$MUTAGREE" verify "$folder/bad.h5"
    read_all $set "$MUTAGREE" report "$folder/bad.h5" --out "$folder/never"
done
read_all /summary/pairs/p "$MUTAGREE" report "$folder/bad.h5"
read_all /mutation/effect "$MUTAGREE" report "$folder/bad.h5" --out "$folder/never"
read_all /mutation/effect "$MUTAGREE" export "$folder/bad.h5" --format effects --out "$folder/never"
read_all /windows/sequence "$MUTAGREE" export "$folder/bad.h5" --format effects --out "$folder/never"
cp "$folder/run.h5" "$folder/bad.h5"
turn "$folder/bad.h5" 5 /attribution/lrp/contribution
expect_failure 2 "bad.h5: .*dataset /attribution/lrp/contribution is damaged" "diff" \
    "$MUTAGREE" diff "$folder/run.h5" "$folder/bad.h5"

# --- a cut end, at any place ---
size=$(stat -c %s "$folder/run.h5")
n_missed=0
for at in 0 1 7 31 32 33 1000; do
    head -c $((size - at - 1)) "$folder/run.h5" >"$folder/bad.h5"
    notices bad.h5 "$MUTAGREE" report "$folder/bad.h5" || n_missed=$((n_missed + 1))
    head -c $((size * at / 1001)) "$folder/run.h5" >"$folder/bad.h5"
    notices bad.h5 "$MUTAGREE" report "$folder/bad.h5" || n_missed=$((n_missed + 1))
done
check "a file that is cut off is noticed" test $n_missed -eq 0

# --- an interrupted run ---
# The result is larger than files may be: its shards stay.
interrupted() {
    mkdir -p "$folder/again"
    (cd "$folder/again" && bash -c 'trap "" XFSZ; ulimit -f 100; export PMIX_MCA_gds=hash; exec "$@"' limited \
        "$MUTAGREE" scan "${data[@]}" --store hypothetical --out run.h5 >/dev/null 2>"$folder/said")
    compgen -G "$folder/again/run.h5.parts/shard-*.h5" >/dev/null
}
check "a run is interrupted" interrupted
parts=$folder/again/run.h5.parts
mapfile -t shards < <(find "$parts" -name 'shard-*.h5' | sort)
turn "${shards[0]}" 3
turn "${shards[1]}" 4 /attribution/hypothetical
truncate -s -1000 "${shards[2]}"
cp "${shards[4]}" "${shards[3]}"
rm "${shards[5]}"
mkfifo "${shards[5]}"
: >"${shards[6]}"
touch "$parts/result.h5.data.0" "$parts/result.h5.metadata.1" "$parts/result.h5" # what MPI-IO of a killed merge leaves
check "it goes on, on 2 ranks" bash -c 'cd "$1" && shift && timeout 120 mpirun --oversubscribe --bind-to none -n 2 "$@" >/dev/null 2>../said' \
    go "$folder/again" "$MUTAGREE" scan "${data[@]}" --store hypothetical --out run.h5
check "... and says which shards are worked on again" test "$(grep -c 'this shard is worked on again' "$folder/said")" -eq 6
check "... and what is wrong with them" grep -q 'shard-00000001.h5: dataset /attribution/hypothetical is damaged' "$folder/said"
check "... to the same result" "$compare" "$folder/run.h5" "$folder/again/run.h5"
check "... without a rest" test ! -e "$parts"
finish
