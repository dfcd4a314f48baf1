#!/bin/bash
# i57  several scores of one network in one run: each result is that of a run of this score alone, for any ranks, after any interruption
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
onnx=$PWD/tests/data/onnx
compare=$BUILD/tests/tools/compare_runs
tool compare_runs
tool slow_disk.so

windows() { # N LENGTH SEED
    awk -v n="$1" -v l="$2" -v seed="$3" 'BEGIN {
        srand(seed)
        for (w = 0; w < n; w++) {
            s = ""
            for (i = 0; i < l; i++) s = s substr("ACGT", 1 + int(4 * rand()), 1)
            print "w" w "\t" s
        }
    }'
}
windows 40 140 1 >"$folder/splice.tsv"
windows 20 90 2 >"$folder/tasks.tsv"
windows 20 150 3 >"$folder/heads.tsv"
few=(--methods 'saliency input_x_gradient' --bootstrap 50 --metrics single --quiet)
splice=(--model "$onnx/03_splice_preactivation_skip.onnx" --at middle --windows "$folder/splice.tsv" --shard-size 8)
tasks=(--model "$onnx/16_multi_task_12.onnx" --windows "$folder/tasks.tsv")
heads=(--model "$onnx/02_chrombpnet_crop_two_heads.onnx" --windows "$folder/heads.tsv")
scan() { "$MUTAGREE" scan "${few[@]}" "$@"; }

# --- a class alone, and all of them at once: log-odds against the rest are not linear ---
for c in 0 1 2; do
    check "class $c alone" scan "${splice[@]}" --target $c --out "$folder/alone.$c.h5"
done
same() { # WHAT FILES A score's run alone, FILE.NAME.h5
    for c in "${@:3}"; do
        check "$1: class $c is the same" "$compare" "$folder/alone.$c.h5" "$2.$c.h5"
        check "$1: so is its table" cmp "$folder/alone.$c.summary.tsv" "$2.$c.summary.tsv"
    done
}
check "three classes in one run" scan "${splice[@]}" --target 0,1,2 --out "$folder/run.h5"
same "one run" "$folder/run" 0 1 2
check "nothing else is left" test "$(find "$folder" -name 'run.*' | wc -l)" -eq 9
check "two ranks, a range, names that end in no .h5" ranks 2 "$MUTAGREE" scan "${few[@]}" "${splice[@]}" --target 2,0-1 --out "$folder/two"
for c in 0 1 2; do check "two ranks: class $c is the same" "$compare" "$folder/alone.$c.h5" "$folder/two.$c"; done
check "all" scan "${splice[@]}" --target all --no-certificates --threads 3 --out "$folder/all.h5"
same "all, without certificates" "$folder/all" 0 1 2
check "verify works one out again" "$MUTAGREE" verify "$folder/all.1.h5" --windows 5 --quiet
check_output "a score's options are those of its own run" 'options +the same' "$MUTAGREE" diff "$folder/alone.1.h5" "$folder/run.1.h5"
check "logits, linear behind the last gate" scan "${splice[@]}" --score logit --target 1,2 --out "$folder/logit.h5"
for c in 1 2; do
    scan "${splice[@]}" --score logit --target $c --out "$folder/logit-alone.$c.h5"
    check "logit: class $c is the same" "$compare" "$folder/logit-alone.$c.h5" "$folder/logit.$c.h5"
done

# --- outputs that are values of their own, and nodes by their names; another network's tasks ---
check "two heads" scan "${heads[@]}" --at sum --output all --out "$folder/heads.h5"
for f in "$folder"/heads.*.h5; do
    name=${f#"$folder"/heads.} name=${name%.h5}
    scan "${heads[@]}" --at sum --output "$name" --out "$folder/head-alone.h5" --force
    check "head $name is the same" "$compare" "$folder/head-alone.h5" "$f"
done
check "there are two" test "$(find "$folder" -name 'heads.*.h5' | wc -l)" -eq 2
check "tasks by range" scan "${tasks[@]}" --target 3-5 --both-strands --out "$folder/tasks.h5"
check "a task alone" scan "${tasks[@]}" --target 4 --both-strands --out "$folder/task.h5"
check "is the same" "$compare" "$folder/task.h5" "$folder/tasks.4.h5"
check_output "a dry run says how many share, and where results go" 'target 5 -> .*x.5.h5' "$MUTAGREE" scan "${tasks[@]}" --target 3-5 --out "$folder/x.h5" --dry-run
check_output "two of two" '2 of 2 further scores share' "$MUTAGREE" scan "${tasks[@]}" --target 3-5 --dry-run

# --- what comes with the input is each score's: own attributions, measured effects; shards that stay ---
tool change_to_own
tool change_to_truth
printf 'w\t%0203d\n' 0 | tr 0 A >"$folder/plain.tsv"
windows 8 203 4 >>"$folder/plain.tsv"
scan --windows "$folder/plain.tsv" --store hypothetical --out "$folder/first.h5"
"$BUILD/tests/tools/change_to_own" "$folder/first.h5" saliency contribution "$folder/own.h5" all >/dev/null
"$BUILD/tests/tools/change_to_truth" "$folder/first.h5" "$folder/truth.tsv" >/dev/null
more=(--windows "$folder/plain.tsv" --attribution "mine=$folder/own.h5" --truth "$folder/truth.tsv" --layout virtual)
check "own attributions and measured effects" ranks 2 "$MUTAGREE" scan "${few[@]}" "${more[@]}" --target all --out "$folder/more.h5"
for c in TIS no_TIS; do
    scan "${more[@]}" --target $c --out "$folder/more-alone.$c.h5"
    check "$c is the same" "$compare" "$folder/more-alone.$c.h5" "$folder/more.$c.h5"
    check "so are the files that it names" cmp <(h5dump -a /provenance/inputs "$folder/more-alone.$c.h5" | sed 1d) <(h5dump -a /provenance/inputs "$folder/more.$c.h5" | sed 1d)
done

# --- interrupted: shards of one score that another lacks; killed while results are placed ---
place=$folder/place
mkdir "$place"
start() { setsid "${slow_disk[@]}" "$MUTAGREE" scan "${few[@]}" "${splice[@]}" --shard-size 2 --target 0,1,2 --out "$place/run.h5" 2>/dev/null & job=$!; }
for c in 0 1 2; do scan "${splice[@]}" --shard-size 2 --target $c --out "$folder/fine.$c.h5"; done
start
await "$job" test -e "$place/run.2.h5.parts/shard-00000003.h5"
kill -9 "$job"
wait "$job" 2>/dev/null
check "killed while it works" test ! -e "$place/run.0.h5" -a -e "$place/run.2.h5.parts"
rm "$place/run.1.h5.parts/shard-00000001.h5"
start
await "$job" test -e "$place/run.0.h5"
kill -9 "$job"
wait "$job" 2>/dev/null
note "results when it was killed: $(find "$place" -maxdepth 1 -name '*.h5' | wc -l)"
check "the same command ends it" scan "${splice[@]}" --shard-size 2 --target 0,1,2 --out "$place/run.h5"
for c in 0 1 2; do check "class $c is the same" "$compare" "$folder/fine.$c.h5" "$place/run.$c.h5"; done
check "nothing is left" test "$(find "$place" -mindepth 1 | wc -l)" -eq 9
# One is complete and its shards gone, when the others' are about to go.
mkdir "$place/again"
start_again() { "$MUTAGREE" scan "${few[@]}" "${splice[@]}" --target 0,1 --out "$place/again/run.h5" "$@"; }
check "stopped by the clock, with its shards" test "$(start_again --max-time 0.2 >/dev/null 2>&1; echo $?)" -eq 75 -o -e "$place/again/run.0.h5"
rm -rf "$place/again/run.0.h5"*
cp "$folder/alone.0.h5" "$place/again/run.0.h5"
mkdir -p "$place/again/run.1.h5.parts"
printf 'run.1.h5' >"$place/again/run.1.h5.parts/placing"
expect_failure 1 'run.0.h5 is there already' "a result that another run has left is not taken for one of this run" start_again
printf 'run.0.h5\nrun.1.h5' >"$place/again/run.1.h5.parts/placing"
check "a result that is complete stays" start_again
check "as it was" cmp "$folder/alone.0.h5" "$place/again/run.0.h5"
check "and the other is made" "$compare" "$folder/alone.1.h5" "$place/again/run.1.h5"

# --- predict: columns ---
predict() { "$MUTAGREE" predict --quiet "$@"; }
check "scores of three classes" predict "${splice[@]:0:6}" --target 0-2 --out "$folder/three.tsv"
check_output "have names" 'score.0	probability.0	score.1	probability.1	score.2	probability.2$' cat "$folder/three.tsv"
for c in 0 1 2; do
    predict "${splice[@]:0:6}" --target $c --force --out "$folder/one.tsv"
    check "class $c is the same" cmp <(grep -v '^#' "$folder/one.tsv" | cut -f 7,8) <(grep -v '^#' "$folder/three.tsv" | cut -f $((7 + 2 * c)),$((8 + 2 * c)))
done
check "called by one of them" test "$(predict "${splice[@]:0:6}" --target 0,1 --called | grep -vc '^#')" -eq \
    "$(predict "${splice[@]:0:6}" --target 0,1 | grep -v '^#' | awk -F '\t' '$7 > 0 || $9 > 0' | wc -l)"
check_output "two outputs without probabilities" 'score.output0	score.output1$' predict "${heads[@]}" --at sum --output all
expect_failure 2 'BED has room for one score' "not as BED" "$MUTAGREE" predict "${splice[@]:0:6}" --target 1,2 --out "$folder/x.bed"

by_class() { predict --transcripts share/example/transcripts.fa.gz "$@" | grep -v '^#'; }
check "classes of printed layers by number" cmp <(by_class --target 1,0 | cut -f 7-10) <(by_class --target TIS,no_TIS | cut -f 7-10)
check "there are windows" test "$(by_class --target 1 | wc -l)" -eq 338
expect_failure 2 'has no such class' "a number with a blank is none" "$MUTAGREE" predict "${splice[@]:0:6}" --target ' 1'

# --- donors explained by the class of acceptors ---
sites() { "$MUTAGREE" scan "${splice[@]:0:4}" --genome tests/data/small.genome.fa --annotation tests/data/small.gtf --dry-run "$@" 2>&1 >/dev/null | grep 'windows around'; }
check_output "one class for two kinds of site" 'around donors and around acceptors are explained by one class of 3.*--target' sites --sites donor,acceptor
check_output "a class that has the name of the other kind" 'around acceptors are explained by the score of donors alone' sites --sites acceptor --classes n,acceptor,donor
check "a class for each is as it should be" test -z "$(sites --sites donor,acceptor --classes n,Acceptor,Donor --target Acceptor,Donor; sites --sites donor,acceptor --target 1,2; sites --sites donor --target 2)"

# --- refused ---
refuse() { expect_failure "$@"; }
none=(--out "$folder/none.h5")
absent=$folder/none.1.h5
export absent
refuse 2 'has no such class; it has 0 to 2' "a class beyond the network" "$MUTAGREE" scan "${splice[@]}" --target 1,3 "${none[@]}"
refuse 2 'no output or node of that name' "an output that is not there" "$MUTAGREE" scan "${heads[@]}" --at sum --output profile,nothing "${none[@]}"
refuse 2 'target: 1 is named twice' "the same twice" "$MUTAGREE" scan "${splice[@]}" --target 1,0-2 "${none[@]}"
refuse 2 'target 1 and --target b are the same score' "the same by number and name" "$MUTAGREE" scan "${splice[@]}" --classes a,b,c --target 1,b "${none[@]}"
refuse 2 "results of --target a\+ and --target a\* would both be named a_" "names that make one file" "$MUTAGREE" scan "${splice[@]}" --classes 'a+,a*,c' --target 'a+,a*' "${none[@]}"
refuse 2 'empty word' "an empty word" "$MUTAGREE" scan "${splice[@]}" --target 1,,2 "${none[@]}"
refuse 2 'ends before it begins' "a range backward" "$MUTAGREE" scan "${splice[@]}" --target 2-1 "${none[@]}"
refuse 2 'names 21907 scores; a run explains 64 at most' "more than fit" "$MUTAGREE" scan "${splice[@]}" --target 0-21906 "${none[@]}"
refuse 2 'a run explains 64 at most' "a range of all numbers" "$MUTAGREE" scan "${splice[@]}" --target 0-9223372036854775807 "${none[@]}"
refuse 2 'has no such class' "a range at the end of all numbers" "$MUTAGREE" scan "${splice[@]}" --target 9223372036854775807-9223372036854775807 "${none[@]}"
refuse 1 'no regular file' "names beside a device" "$MUTAGREE" scan "${splice[@]}" --target 1,2 --out /dev/null
refuse 2 'is no name of a file' "names in a folder" "$MUTAGREE" scan "${splice[@]}" --target 1,2 --out "$place/"
refuse 2 'a result is no stream' "standard output" "$MUTAGREE" scan "${splice[@]}" --target 1,2 --out -
refuse 1 'is a folder' "names beside a folder" "$MUTAGREE" scan "${splice[@]}" --target 1,2 --out "$place"
unset absent
refuse 1 'run.1.h5 is there already' "a result that is there" "$MUTAGREE" scan "${splice[@]}" --target 1,2 --out "$folder/run.h5"
check "unless it may be replaced" scan "${splice[@]}" --target 1,2 --out "$folder/run.h5" --force
refuse 2 'one is meant here; lists are for mutagree scan and predict' "a list of classes where one is meant" "$MUTAGREE" evaluate "${splice[@]:0:4}" --target 1,2 --windows "$folder/splice.tsv"
refuse 2 'one is meant here; lists are for mutagree scan and predict' "a list of outputs where one is meant" "$MUTAGREE" convert --model "$onnx/02_chrombpnet_crop_two_heads.onnx" --out "$folder/c.h5" --output 0,1
finish
