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
    same "... the same content" virtual$n
    check "... with its shards beside it" test "$(names virtual$n)" = "${files/run.h5/run.h5 run.h5.shards}"
    check "... all of them and their plan" test "$(find "$folder/virtual$n/run.h5.shards" -name 'shard-*.h5' | wc -l)" -eq 14
    check "... and no mark that it is not finished" test ! -e "$folder/virtual$n/run.h5.shards/placing"
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
cp "$folder/moved/run.h5.shards/shard-00000003.h5" "$folder/kept.h5"
truncate -s -100 "$folder/moved/run.h5.shards/shard-00000003.h5"
expect_failure 1 'other.h5: .*/run.h5.shards/shard-00000003.h5: the checksums at its end are missing: it is cut off' "a shard that is cut short is named" \
    "$MUTAGREE" report "$folder/moved/other.h5"
cp "$folder/moved/run.h5.shards/shard-00000013.h5" "$folder/moved/run.h5.shards/shard-00000003.h5"
expect_failure 1 'other.h5: .*/shard-00000003.h5: it is not shard 3 of this run' "a shard of another size is named" \
    "$MUTAGREE" export "$folder/moved/other.h5" --format effects --out -
cp "$folder/kept.h5" "$folder/moved/run.h5.shards/shard-00000003.h5"
rm "$folder/moved/run.h5.shards/shard-00000007.h5"
expect_failure 1 'other.h5: cannot read run.h5.shards/shard-00000007.h5: .* has to stay beside it' "a shard that is missing is named" \
    "$MUTAGREE" report "$folder/moved/other.h5"

# --- a run that was interrupted goes on with another layout
interrupted() { # FOLDER SUFFIX: the state after the first shards
    mkdir "$folder/$1"
    cp -r "$folder/virtual1/run.h5.shards" "$folder/$1/run.h5.$2"
    rm "$folder/$1/run.h5.$2"/shard-0000001*.h5
}
interrupted on1 shards
check "shards of a virtual run go into a merged one" scan on1 2
cp "$folder_private/err" "$folder_private/told"
check "... which tells that it goes on" grep -q 'goes on .*10 of 14 shards were finished' "$folder_private/told"
same "... the same content" on1
check "... and leaves none" test "$(names on1)" = "$files"
interrupted on2 parts
check "shards of a merged run stay with a virtual one" scan on2 2 --layout virtual
same "... the same content" on2
check "... under their lasting name" test "$(names on2)" = "${files/run.h5/run.h5 run.h5.shards}"
interrupted on3 shards
expect_failure 1 'another seed \(1, now 2\)' "another run does not take them" scan on3 1 --seed 2 --quiet
check "... and keeps them" test "$(find "$folder/on3" -name 'shard-*.h5' | wc -l)" -eq 10

# --- one takes the place of the other
expect_failure 1 'is there already' "a virtual result is not replaced unasked" scan virtual1 1 --quiet
check "a merged run takes the place of a virtual one" scan virtual1 2 --force
same "... the same content" virtual1
check "... whose shards go" test "$(names virtual1)" = "$files"
check "a virtual run takes the place of a merged one" scan on1 2 --force --layout virtual
same "... the same content" on1
finish
