#!/bin/bash
# i13  verify works a run out again and notices one changed number; diff says what two runs have in common
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
data=(--transcripts "$PWD/share/example/transcripts.fa.gz" --annotation "$PWD/share/example/annotation.gtf.gz"
    --candidates annotated --bootstrap 50 --quiet)
methods=(--methods 'saliency deeplift:reference=shuffle lrp')
change=$BUILD/tests/tools/change_number
tool change_number
tool change_seal
# Another number, and checksums as if it had been there from the start.
change_sealed() { # FILE DATASET INDEX NUMBER: FILE is a copy of $run
    "$change" "$@" && "$BUILD/tests/tools/change_seal" "$run" "$1"
}

scan() { # NAME OPTION...: a run NAME.h5 in the test's folder
    local name=$1
    shift
    if ! "$MUTAGREE" scan "${data[@]}" --out "$folder/$name.h5" "$@" >"$folder_private/log" 2>&1; then
        not_ok "scan makes $name.h5"
        sed 's/^/# /' "$folder_private/log"
        finish
    fi
}
verify() { "$MUTAGREE" verify "$@"; }
compare() { "$MUTAGREE" diff "$@"; }

# --- verify: what is as it was ---
scan run "${methods[@]}" --store hypothetical
scan contribution "${methods[@]}" --compress 1
scan summary "${methods[@]}" --store summary
run=$folder/run.h5
check_output "a fresh run comes out again" 'the same, bit by bit, in 13 of 13 windows' verify "$run" --all
for store in contribution summary; do
    check_output "so does one with --store $store" 'the same, bit by bit, in 13 of 13 windows, and in the summary$' \
        verify "$folder/$store.h5" --summary --windows 20
done
check_output "every dataset has its line" '^/attribution/lrp/hypothetical +10,556 +0 +-$' verify "$run"
check_output "metrics are one line a method" '^/agreement/deeplift/\* +637 +0 +-$' verify "$run"
check_output "the summary comes out again" '^/summary/pairs/\* +[0-9,]+ +0 +-$' verify "$run" --summary
check_output "a sample is a sample" 'bit by bit, in 5 of 13 windows$' verify "$run" --windows 5
check_output "the number of threads does not matter" 'bit by bit, in 13 of 13' verify "$run" --threads 3 --quiet
scan virtual "${methods[@]}" --store hypothetical --layout virtual
check_output "so does a run that refers to its shards" 'bit by bit, in 13 of 13' verify "$folder/virtual.h5"
check "... and it is the same run" compare "$run" "$folder/virtual.h5"
said=$(verify "$run" --quiet 2>&1)
if [ "$said" = "$run: the same, bit by bit, in 13 of 13 windows" ]; then
    ok "--quiet says the verdict only"
else
    not_ok "--quiet says the verdict only"
    note "$said"
fi
for score in logit probability; do
    scan $score "${methods[@]}" --score $score --store hypothetical --unknown A --seed 7
    check_output "a run of the $score comes out again" 'bit by bit, in 13 of 13' verify "$folder/$score.h5" --summary
done

# --- verify: other instructions ---
here=$([ "${MUTAGREE_ISA:-}" != portable ] && grep -qw avx2 /proc/cpuinfo &&
    MUTAGREE_ISA=avx2 "$MUTAGREE" bench --help >/dev/null 2>&1 && echo avx2)
if [ -n "$here" ]; then
    check_output "avx2 gives the bits of whatever made the run" 'bit by bit, in 13 of 13' \
        env MUTAGREE_ISA=avx2 "$MUTAGREE" verify "$run"
    check_output "portable kernels are within the tolerance" 'the same within tolerance in 13 of 13 windows' \
        env MUTAGREE_ISA=portable "$MUTAGREE" verify "$run" --summary
    check_output "... and other bits" '^/windows/score +13 +[1-9]' env MUTAGREE_ISA=portable "$MUTAGREE" verify "$run"
else
    skip "avx2 gives the bits of whatever made the run" "no avx2 here"
fi

# --- verify: one number is another ---
changed() { # NAME REGEX DATASET INDEX NUMBER [OPTION...]
    local name=$1 regex=$2 set=$3 index=$4 number=$5
    shift 5
    cp "$run" "$folder/changed.h5"
    change_sealed "$folder/changed.h5" "$set" "$index" "$number" || { not_ok "$name: the number is changed"; return; }
    expect_failure 1 "$regex" "$name" "$MUTAGREE" verify "$folder/changed.h5" "$@"
}
L=203
changed "a changed score is found" 'Window 3 \(.*start [0-9]+\): /windows/score\[3\] is 1.5 in the file, but ' \
    /windows/score 3 1.5
changed "a changed effect is found" 'Window 2 .*/mutation/effect\[2, 57, 1\] is 0.25 in the file' \
    /mutation/effect $(((2 * L + 57) * 4 + 1)) 0.25
changed "a changed contribution is found" 'Window 12 .*/attribution/lrp/contribution\[12, 202\] is 0.125 in the file' \
    /attribution/lrp/contribution $((12 * L + 202)) 0.125
changed "a changed hypothetical contribution is found" 'Window 0 .*/attribution/deeplift/hypothetical\[0, 0, 3\]' \
    /attribution/deeplift/hypothetical 3 9
changed "a changed agreement is found" 'Window 7 .*/agreement/saliency/jaccard_10\[7\] is 0.123' \
    /agreement/saliency/jaccard_10 7 0.123
changed "an agreement that was defined is not any more" '/agreement/lrp/kendall\[1\] is nan in the file' \
    /agreement/lrp/kendall 1 nan
changed "a changed base shows in all" 'Window 4 .*/windows/score\[4\]' /windows/sequence $((4 * L + 70)) 78
changed "a letter that is no base is named" 'window 4: letter 70 of /windows/sequence is none of A C G T N' \
    /windows/sequence $((4 * L + 70)) 42
changed "a changed mean is found" 'summary is not that of the agreement.* of /summary/aggregate/mean is 0.5, but ' \
    /summary/aggregate/mean 0 0.5 --summary
changed "a changed p value is found" 'Row 2 of /summary/pairs/p is 0.001, but ' /summary/pairs/p 2 0.001 --summary
changed "it is found whatever is drawn when all are" 'Window 9 ' /windows/score 9 0 --seed 12 --all
if [ -n "$here" ]; then
    cp "$run" "$folder/changed.h5"
    change_sealed "$folder/changed.h5" /windows/score 3 1.5
    expect_failure 1 '/windows/score\[3\] is 1.5' "a changed score is found with other instructions, too" \
        env MUTAGREE_ISA=portable "$MUTAGREE" verify "$folder/changed.h5"
fi

# --- verify: models and files ---
cp share/models/tis-human.h5 "$folder/moved.h5"
check_output "the model may be elsewhere" 'bit by bit' verify "$run" --model "$folder/moved.h5"
"$change" "$folder/moved.h5" "$(h5ls -r "$folder/moved.h5" 2>/dev/null | awk '/Dataset/ { print $1; exit }')" 0 0.5 ||
    printf 'x' >>"$folder/moved.h5"
expect_failure 1 "sha256 [0-9a-f]{64}\), but $folder/moved.h5 is another one \(sha256 [0-9a-f]{64}\)" \
    "another model is refused, both sums are told" "$MUTAGREE" verify "$run" --model "$folder/moved.h5"
expect_failure 1 'there is no file nowhere.h5' "a model that is not there" "$MUTAGREE" verify "$run" --model nowhere.h5
head -c 20000 "$run" >"$folder/cut.h5"
expect_failure 1 'cut.h5: .*it may be cut off' "a file that is cut off" "$MUTAGREE" verify "$folder/cut.h5"
expect_failure 1 'not a run of mutagree scan' "a file that is no run" "$MUTAGREE" verify share/models/tis-human.h5
expect_failure 1 'is not an HDF5 file' "a file of another kind" "$MUTAGREE" verify README.md
expect_failure 2 'verify takes one file' "no file" "$MUTAGREE" verify
size=$(stat -c %s "$run")
n_bad=0
for at in $(seq 20); do # wherever a file was cut off, there is a sentence
    head -c $((size * at / 21)) "$run" >"$folder/cut.h5"
    status=0
    timeout 60 "$MUTAGREE" verify "$folder/cut.h5" >/dev/null 2>"$folder/said" || status=$?
    [ $status -eq 1 ] && grep -q '^mutagree: .*cut.h5' "$folder/said" || n_bad=$((n_bad + 1))
done
check "a file that is cut off anywhere is refused" test $n_bad -eq 0

# --- diff ---
scan again "${methods[@]}" --store hypothetical --shard-size 5
scan seed "${methods[@]}" --store hypothetical --seed 2
scan others --methods 'lrp saliency deeplift lrp:rule=epsilon' --store hypothetical
check "the same run is the same" compare "$run" "$folder/again.h5"
check_output "... in words" '^the results are the same, bit by bit$' compare "$run" "$folder/again.h5"
check_output "... whatever its options were" 'options +the same' compare "$run" "$folder/again.h5"
differs() { # NAME REGEX FILE [FILE]
    local status=0
    capture compare "${4:-$run}" "$3" || status=$?
    if [ $status -eq 1 ] && grep -Eq -- "$2" "$folder_private/out" && [ ! -s "$folder_private/err" ]; then
        ok "$1"
    else
        not_ok "$1"
        note "wanted status 1, nothing on stderr, and on stdout: $2"
        show_capture $status
    fi
}
differs "another seed is told" 'options +--seed: 1 \| 2$' "$folder/seed.h5"
differs "... and shows in shuffled references" '^/attribution/deeplift/contribution +2,639 +[1-9]' "$folder/seed.h5"
differs "... not in other methods" '^/attribution/lrp/contribution +2,639 +0 +-' "$folder/seed.h5"
differs "a method in one run only is named" 'only in the other: lrp:rule=epsilon' "$folder/others.h5"
differs "methods go together by their options" '^/attribution/lrp/contribution +2,639 +0 +-' "$folder/others.h5"
differs "... or else by their names" 'deeplift:.*reference=shuffle.* \| deeplift:' "$folder/others.h5"
differs "the ranking is that of methods in both" 'ranking of the methods +Spearman, annotated starts' "$folder/others.h5"
differs "less that is kept is less" 'what is in both is the same' "$folder/contribution.h5"
cp "$run" "$folder/changed.h5"
change_sealed "$folder/changed.h5" /agreement/saliency/cosine 5 0.5
differs "one number is counted" 'the results are not the same: 1 number differs' "$folder/changed.h5"
if [ -n "$here" ]; then
    MUTAGREE_ISA=portable scan portable "${methods[@]}" --store hypothetical
    differs "other instructions are told" 'instruction set +[a-z0-9]+ \| portable; last bits may differ' \
        "$folder/portable.h5"
    differs "... and change no ranking" '  the order is the same; ' "$folder/portable.h5"
fi

# Other windows: the first transcripts only, and in another order.
records() { zcat share/example/transcripts.fa.gz | awk '/^>/ { n++ } { print n "\t" $0 }'; }
records | awk -F '\t' '$1 <= 6 { print $2 }' >"$folder/few.fa"
records | sort -t "$(printf '\t')" -k1,1nr -s | cut -f 2 >"$folder/reverse.fa"
data=(--annotation "$PWD/share/example/annotation.gtf.gz" --candidates annotated --bootstrap 50 --quiet)
scan few --transcripts "$folder/few.fa" "${methods[@]}" --store hypothetical
scan reverse --transcripts "$folder/reverse.fa" "${methods[@]}" --store hypothetical
differs "windows in one run only are counted" '^windows +5 in both, 8 only in the one, 0 only in the other$' "$folder/few.h5"
differs "... in either" '^windows +5 in both, 0 only in the one, 8 only in the other$' "$run" "$folder/few.h5"
differs "other inputs are told" 'input files +transcripts: .*transcripts.fa.gz' "$folder/few.h5"
differs "windows in another order are found" '^windows +13 in both, 0 only .*; they stand in other places$' \
    "$folder/reverse.h5"
differs "... and have the same numbers" '^/mutation/effect +10,556 +0 +-' "$folder/reverse.h5"
none_differs() { # FILE: what diff said; the last column but two is how many numbers differ
    awk '/^\/(windows|mutation|attribution|agreement)/ { n++; if ($3 != 0) exit 1 } END { if (n < 10) exit 1 }' "$1"
}
for name in few reverse; do
    compare "$run" "$folder/$name.h5" >"$folder/said"
    check "the windows of $name.h5 have the bits that they have among others" none_differs "$folder/said"
done
expect_failure 2 'nowhere.h5' "a run that is not there is trouble" "$MUTAGREE" diff "$run" nowhere.h5
expect_failure 2 'not a run of mutagree scan' "so is a file that is no run" \
    "$MUTAGREE" diff share/models/tis-human.h5 "$run"
expect_failure 2 'diff takes two files' "so is one file" "$MUTAGREE" diff "$run"
status=0
said=$(compare "$run" "$folder/seed.h5" --quiet 2>&1) || status=$?
check "--quiet tells by the status" test "$status" -eq 1 -a -z "$said"
if [ -w /dev/full ]; then
    expect_failure 2 'cannot write standard output' "a full disk is trouble" \
        bash -c "'$MUTAGREE' diff '$run' '$folder/again.h5' >/dev/full"
fi
finish
