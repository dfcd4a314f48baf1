#!/bin/bash
# i12  the layouts of a result: merged or virtual, aligned, through aggregators; what is in it is the same
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
data=(--transcripts "$PWD/share/example/transcripts.fa.gz" --annotation "$PWD/share/example/annotation.gtf.gz"
    --methods 'saliency lrp' --store hypothetical --shard-size 20 --bootstrap 50)
compare=$BUILD/tests/tools/compare_runs
tool compare_runs

# Each run is called run.h5 in a folder of its own, so that the command is the same.
scan() { # FOLDER RANKS OPTION...
    local place=$folder/$1 n=$2
    shift 2
    mkdir -p "$place"
    ranks "$n" -wdir "$place" "$MUTAGREE" scan "${data[@]}" --out run.h5 "$@"
}
same() { # NAME FOLDER
    check "$1" "$compare" "$folder/merged/run.h5" "$folder/$2/run.h5"
    check "... and the same summary" cmp "$folder/merged/run.summary.tsv" "$folder/$2/run.summary.tsv"
}
names() { # FOLDER
    (cd "$folder/$1" && echo *)
}
files='run.h5 run.summary.json run.summary.tsv'

check "a merged run" scan merged 2
cp "$folder_private/err" "$folder_private/told"
check "... tells how fast it was written, and that it was read back" grep -Eq \
    '^  merge +[0-9.]+ MB written and synced in [0-9.]+ s, [0-9]+ MB/s; read back and the same in ' "$folder_private/told"
check "... and leaves no shards" test "$(names merged)" = "$files"

# --- merged in other ways
check "without alignment" scan loose 3 --align 0
same "... the same content" loose
check "through two aggregators, with hints" scan gathered 3 --aggregators 2 --io-hints cb_buffer_size=65536,striping_unit=65536
same "... the same content" gathered
check "through aggregators, compressed" scan packed 2 --aggregators 1 --compress 1 --align 2
same "... the same content" packed
expect_failure 2 "'cb_nodes' is no hint" "a hint that is none" "$MUTAGREE" scan "${data[@]}" --out "$folder/no.h5" \
    --io-hints cb_nodes

# --- virtual
for n in 1 3; do
    check "virtual layout on $n ranks" scan virtual$n $n --layout virtual
    own=$(ls "$folder/virtual$n/run.h5.shards")
    same "... the same content" virtual$n
    check "... with its shards beside it" test "$(names virtual$n)" = "${files/run.h5/run.h5 run.h5.shards}"
    check "... all of them and their plan" test "$(find "$folder/virtual$n/run.h5.shards" -name 'shard-*.h5' | wc -l)" -eq 14
    check "... in a folder of their own" test "$(find "$folder/virtual$n/run.h5.shards" -mindepth 1 -maxdepth 1)" = "$folder/virtual$n/run.h5.shards/$own"
done
check "a virtual file is small" test "$(stat -c %s "$folder/virtual1/run.h5")" -lt $(($(stat -c %s "$folder/merged/run.h5") / 4))
if command -v h5dump >/dev/null; then
    effect() { (cd / && h5dump -d /attribution/lrp/hypothetical -s 330,60,0 -c 8,3,4 "$folder/$1/run.h5" | sed 1d); }
    check "other programs read it, from any folder" test "$(effect virtual1)" = "$(effect merged)"
else
    skip "other programs read it, from any folder" "h5dump is not installed"
fi
mkdir "$folder/moved"
mv "$folder/virtual3/run.h5" "$folder/moved/other.h5"
mv "$folder/virtual3/run.h5.shards" "$folder/moved/"
check_output "report reads it after a move" '^ +1  ' "$MUTAGREE" report "$folder/moved/other.h5"
# HDF5 itself reads zeros where a shard cannot be read.
cp "$folder/moved/run.h5.shards/$own/shard-00000003.h5" "$folder/kept.h5"
truncate -s -100 "$folder/moved/run.h5.shards/$own/shard-00000003.h5"
expect_failure 1 'other.h5: .*/run.h5.shards/[0-9a-f]{16}/shard-00000003.h5: the checksums at its end are missing: it is cut off' "a shard that is cut short is named" \
    "$MUTAGREE" report "$folder/moved/other.h5"
cp "$folder/moved/run.h5.shards/$own/shard-00000013.h5" "$folder/moved/run.h5.shards/$own/shard-00000003.h5"
expect_failure 1 'other.h5: .*/shard-00000003.h5: it is not shard 3 of this run' "a shard of another size is named" \
    "$MUTAGREE" export "$folder/moved/other.h5" --format effects --out -
cp "$folder/kept.h5" "$folder/moved/run.h5.shards/$own/shard-00000003.h5"
rm "$folder/moved/run.h5.shards/$own/shard-00000007.h5"
expect_failure 1 'other.h5: cannot read run.h5.shards/[0-9a-f]{16}/shard-00000007.h5: .* has to stay beside it' "a shard that is missing is named" \
    "$MUTAGREE" report "$folder/moved/other.h5"

# --- a run that was interrupted goes on with another layout
interrupted() { # FOLDER virtual|merged: the state after the first shards
    local place=$folder/$1 shards
    mkdir -p "$place/run.h5.parts"
    cp "$folder/virtual1/run.h5.shards/$own/plan.json" "$place/run.h5.parts"
    [ "$2" = virtual ] && shards=$place/run.h5.shards/$own || shards=$place/run.h5.parts
    mkdir -p "$shards"
    cp "$folder/virtual1/run.h5.shards/$own"/shard-0000000*.h5 "$shards"
}
interrupted on1 virtual
check "shards of a virtual run go into a merged one" scan on1 2
cp "$folder_private/err" "$folder_private/told"
check "... which tells that it goes on" grep -q 'goes on .*10 of 14 shards were finished' "$folder_private/told"
same "... the same content" on1
check "... and leaves none" test "$(names on1)" = "$files"
interrupted on2 merged
check "shards of a merged run stay with a virtual one" scan on2 2 --layout virtual
same "... the same content" on2
check "... under their lasting name" test "$(names on2)" = "${files/run.h5/run.h5 run.h5.shards}"
interrupted on3 virtual
expect_failure 1 'another seed \(1, now 2\)' "another run does not take them" scan on3 1 --seed 2 --quiet
check "... and keeps them" test "$(find "$folder/on3" -name 'shard-*.h5' | wc -l)" -eq 10

# --- one takes the place of the other
expect_failure 1 'is there already' "a virtual result is not replaced unasked" scan virtual1 1 --quiet
check "a merged run takes the place of a virtual one" scan virtual1 2 --force
same "... the same content" virtual1
check "... whose shards go" test "$(names virtual1)" = "$files"
check "a virtual run takes the place of a merged one" scan on1 2 --force --layout virtual
same "... the same content" on1

# --- an old result is whole until the new one has its name
old=$folder/on2
cp "$old/run.h5" "$folder/before.h5"
before=$("$MUTAGREE" report "$old/run.h5")
expect_failure 1 'File too large' "a virtual run with another seed is cut short" \
    bash -c 'cd "$1" && shift && trap "" XFSZ && ulimit -f 45 && export PMIX_MCA_gds=hash && exec "$@"' limited "$old" \
    "$MUTAGREE" scan "${data[@]}" --quiet --out run.h5 --layout virtual --seed 2 --force
check "... while the old one is as it was" "$compare" "$folder/merged/run.h5" "$old/run.h5"
check "... in every report" test "$("$MUTAGREE" report "$old/run.h5")" = "$before"
check "... and in all of its shards" "$MUTAGREE" verify "$old/run.h5" --quiet --windows 2
check "the new one goes on" scan on2 1 --layout virtual --seed 2 --force
check "... takes its place" "$MUTAGREE" verify "$old/run.h5" --quiet --windows 2
check "... and its shards are all there are" test "$(find "$old/run.h5.shards" -mindepth 1 -maxdepth 1 | wc -l)" -eq 1
expect_failure 1 'it is not shard 0 of this run' "the old one does not take the shards of another for its own" \
    bash -c 'mkdir "$1/swapped" && cp "$1/before.h5" "$1/swapped/run.h5" && mkdir -p "$1/swapped/run.h5.shards/$2" && cp "$1"/on2/run.h5.shards/*/* "$1/swapped/run.h5.shards/$2" && exec "$3" report "$1/swapped/run.h5"' \
    swap "$folder" "$own" "$MUTAGREE"
finish
