#!/bin/bash
# i16  mutagree train: same bits for any ranks and threads and after any interruption; it learns; what it refuses
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
example=(--transcripts "$PWD/share/example/transcripts.fa.gz" --annotation "$PWD/share/example/annotation.gtf.gz")
cat >"$folder/small.arch" <<'EOF'
window  63
anchor  30
head    sigmoid
layers
Sequential(
  (0): Conv1d(4, 12, kernel_size=(5,), stride=(1,), padding=(2,), bias=False)
  (1): ReLU()
  (2): MaxPool1d(kernel_size=3, stride=3)
  (3): Conv1d(12, 10, kernel_size=(3,), stride=(2,), dilation=(2,))
  (4): BatchNorm1d(10)
  (5): ReLU()
  (6): AvgPool1d(kernel_size=(2,), stride=(2,))
  (7): Linear(in_features=40, out_features=8)
  (8): BatchNorm1d(8, affine=False)
  (9): ReLU()
  (10): Dropout(p=0.3)
  (11): Linear(in_features=8, out_features=1)
)
EOF
small=("${example[@]}" --arch "$folder/small.arch" --batch 100 --mask 6 --silent 2 --missense 1 --epochs 6 --quiet)

# --- same bits ---

mkdir "$folder/1"
check "one rank, one thread" ranks 1 -wdir "$folder/1" "$MUTAGREE" train "${small[@]}" --threads 1 --out net.h5
check "no checkpoint is left" test ! -e "$folder/1/net.h5.checkpoint"
for how in '1 3' '2 1' '4 2'; do
    read -r n threads <<<"$how"
    mkdir "$folder/$n.$threads"
    check "$n ranks with $threads threads" ranks "$n" -wdir "$folder/$n.$threads" "$MUTAGREE" train "${small[@]}" \
        --threads "$threads" --out net.h5
    check "... the same model, bit for bit" cmp "$folder/1/net.h5" "$folder/$n.$threads/net.h5"
    check "... the same history" cmp "$folder/1/net.h5.history.tsv" "$folder/$n.$threads/net.h5.history.tsv"
done
check "another seed" "$MUTAGREE" train "${small[@]}" --seed 2 --out "$folder/seed.h5"
check "... makes another model" test "$(cmp -s "$folder/1/net.h5" "$folder/seed.h5"; echo $?)" -eq 1

# --- interruptions ---

tool slow_disk.so # an epoch is over when its checkpoint is on the disk
long=("${small[@]}" --epochs 100)
mkdir "$folder/whole"
check "a training that is not interrupted" "$MUTAGREE" train "${long[@]}" --out "$folder/whole/net.h5"
n_epochs() { # FILE
    grep -c '^[0-9]' "$1" 2>/dev/null || true
}
has_epochs() { [ "$(n_epochs "$place/net.h5.history.tsv")" -ge "$1" ] 2>/dev/null; }
# Train in $place, and send a signal after so many epochs.
cut_short() { # RANKS EPOCHS SIGNAL
    local job
    (cd "$place" && exec setsid timeout -k 5 120 mpirun --oversubscribe --bind-to none -n "$1" "${slow_disk[@]}" \
        "$MUTAGREE" train "${long[@]}" --out net.h5) >"$folder_private/log" 2>&1 &
    job=$!
    await "$job" has_epochs "$2"
    pkill "-$3" -s "$job" -x mutagree
    [ "$3" = KILL ] && pkill -KILL -s "$job" -x mpirun
    wait "$job" 2>/dev/null
}
round=0
for how in '2 3 KILL' '1 1 KILL' '1 5 TERM'; do
    read -r n after signal <<<"$how"
    round=$((round + 1))
    place=$folder/cut$round
    mkdir "$place"
    cut_short "$n" "$after" "$signal"
    check "round $round: $n ranks end by SIG$signal after $(n_epochs "$place/net.h5.history.tsv") epochs" \
        test -e "$place/net.h5.checkpoint" -a ! -e "$place/net.h5"
    check "round $round: the same command goes on" ranks $((3 - n)) -wdir "$place" "$MUTAGREE" train "${long[@]}" --out net.h5
    check "round $round: the same model in the end" cmp "$folder/whole/net.h5" "$place/net.h5"
    check "round $round: the same history" cmp "$folder/whole/net.h5.history.tsv" "$place/net.h5.history.tsv"
done

for seconds in 1 4 16 64; do # on a slow machine not one epoch is over after a second
    expect_failure 75 'stopped' "a limit of $seconds s ends it" "$MUTAGREE" train "${small[@]}" --epochs 100000 \
        --max-time "$seconds" --out "$folder/late.h5"
    [ -s "$folder/late.h5.checkpoint" ] && break
done
check "... with a checkpoint" test -s "$folder/late.h5.checkpoint"
expect_failure 1 "is of another training: '--rate 0.002' then, '--rate 0.01' now" "another plan does not go on" \
    "$MUTAGREE" train "${small[@]}" --epochs 100000 --rate 0.01 --out "$folder/late.h5"
printf 'x' | dd of="$folder/late.h5.checkpoint" bs=1 seek=3000 conv=notrunc 2>/dev/null
expect_failure 1 'late.h5.checkpoint is no checkpoint of a training, or damaged' "a damaged checkpoint is named" \
    "$MUTAGREE" train "${small[@]}" --epochs 100000 --out "$folder/late.h5"
check "--force begins anew" "$MUTAGREE" train "${small[@]}" --force --out "$folder/late.h5"
check "... and ends with the same model" cmp "$folder/1/net.h5" "$folder/late.h5"

# --- it learns, and what it made is a model ---

learn=("${example[@]}" --mask 0 --silent 0 --missense 0 --decay 0.01 --epochs 50 --rate 0.02 --start-weight 5 --negatives 0 --dropout 0 --average 0.9 --batch 16 --quiet)
check "it learns its transcripts by heart" "$MUTAGREE" train "${learn[@]}" --arch "$folder/small.arch" --note 'a test' \
    --out "$folder/heart.h5"
check_output "... to the end" '^ +area under the ROC curve +(1.0000|0.99)' \
    "$MUTAGREE" evaluate --model "$folder/heart.h5" "${example[@]}" --quiet --bootstrap 0
check_output "the model says how it was made" 'a test' "$MUTAGREE" info "$folder/heart.h5"
check_output "... and from which files" 'annotation.gtf.gz [0-9a-f]{64}' "$MUTAGREE" info "$folder/heart.h5"
check "it can be scanned with" "$MUTAGREE" scan --model "$folder/heart.h5" "${example[@]}" --candidates annotated \
    --bootstrap 0 --quiet --out "$folder/run.h5"
check "TISRover+ is what is trained by default" "$MUTAGREE" train "${example[@]}" --epochs 1 --quiet --out "$folder/plus.h5"
check_output "... 130,530 weights" 'weights +130,530' "$MUTAGREE" info "$folder/plus.h5"
check "training can go on from a model" "$MUTAGREE" train "${learn[@]}" --epochs 1 --from "$folder/heart.h5" --rate 1e-9 \
    --warm-up 0 --average 0 --decay 0 --out "$folder/further.h5"
check_output "... and then begins where it was" '^ +area under the ROC curve +(1.0000|0.99)' \
    "$MUTAGREE" evaluate --model "$folder/further.h5" "${example[@]}" --quiet --bootstrap 0

# --- held out ---

name=$(zcat share/example/transcripts.fa.gz | sed -n 's/^>\([^ |]*\).*/\1/p' | sed -n 3p)
printf '%s\t0\t3\n' "$name" >"$folder/some.bed"
check "a transcript is held out by name" "$MUTAGREE" train "${small[@]}" --held-out "$name" --out "$folder/held1.h5"
check "... or in a file" "$MUTAGREE" train "${small[@]}" --held-out "$folder/some.bed" --out "$folder/held2.h5"
check "... which is the same" cmp "$folder/held1.h5" "$folder/held2.h5"
check_output "the history tells its qualities" '^6	[0-9]+	[^n]*	[0-9.]+	0\.[0-9]+	' cat "$folder/held1.h5.history.tsv"
auroc=$(awk -F'\t' '$NF == 1 { printf "%.4f", $5 }' "$folder/held1.h5.history.tsv")
check_output "... which are those of the model that is written" "area under the ROC curve +$auroc" \
    "$MUTAGREE" evaluate --model "$folder/held1.h5" "${example[@]}" --only "$name" --bootstrap 0 --quiet
check "patience ends it early" "$MUTAGREE" train "${small[@]}" --epochs 500 --patience 3 --held-out "$name" --out "$folder/early.h5"
check "... before its last epoch" test "$(n_epochs "$folder/early.h5.history.tsv")" -lt 500

# --- set aside ---

# The first three transcripts are those of chromosome 5; behind the others they leave the others' numbers as they are.
zcat share/example/transcripts.fa.gz | awk '/^>/ { n++ } n > 3' >"$folder/without.fa"
zcat share/example/transcripts.fa.gz | awk '/^>/ { n++ } n <= 3' | cat "$folder/without.fa" - >"$folder/with.fa"
aside=("${small[@]:2}") # all but the transcripts
check "a chromosome is set aside" "$MUTAGREE" train --transcripts "$folder/with.fa" "${aside[@]}" --set-aside 5 --out "$folder/aside.h5"
check "transcripts without it" "$MUTAGREE" train --transcripts "$folder/without.fa" "${aside[@]}" --out "$folder/without.h5"
check "... give the same training" cmp "$folder/aside.h5.history.tsv" "$folder/without.h5.history.tsv"
check_output "the model tells what was set aside" '^ +[1-9][0-9]* starts and [1-9][0-9]* others set aside' "$MUTAGREE" info "$folder/aside.h5"
other=ENST00000303450.4 # of chromosome 12
check "what is held out as well" "$MUTAGREE" train "${small[@]}" --held-out "$other 5" --set-aside 5 --out "$folder/both.h5"
check "... is set aside" cmp <(grep -v '^#' "$folder/both.h5.history.tsv") \
    <("$MUTAGREE" train "${small[@]}" --held-out "$other" --set-aside 5 --out "$folder/name.h5" && grep -v '^#' "$folder/name.h5.history.tsv")

expect_failure 1 '--held-out: 0 starts and 0 other windows; a test needs both' "nothing is left to be held out" \
    "$MUTAGREE" train "${small[@]}" --held-out 5 --set-aside 5 --out "$folder/no.h5"

# --- starts without anything before them ---

printf '>a\nATGGCC%s\n>b\nATGGAC%s\n' "$(printf 'ATGCA%.0s' {1..30})" "$(printf 'ATGTG%.0s' {1..30})" >"$folder/bare.fa"
printf 'a\t0\t3\nb\t0\t3\n' >"$folder/bare.bed"
"$MUTAGREE" train --transcripts "$folder/bare.fa" --annotation "$folder/bare.bed" "${small[@]:4}" --out "$folder/bare.h5" 2>"$folder/bare.err"
check_output "a warning where starts are the first bases of transcripts" 'warning: 2 of 2 annotated starts are the first bases' cat "$folder/bare.err"

# --- ready windows ---

"$MUTAGREE" windows "${example[@]}" --quiet | grep -v '^#' | awk -v to="$folder/w" '{ print $7 > (to ($4 == 1 ? ".pos" : ".neg")) }'
check "ready windows in two files" "$MUTAGREE" train --windows "$folder/w.pos" --others "$folder/w.neg" --epochs 1 \
    --out "$folder/ready.h5" --quiet

# --- what is refused ---

expect_failure 2 'Give --annotation' "no labels" "$MUTAGREE" train --transcripts "${example[1]}" --out "$folder/no.h5" --quiet
printf '%s\t0\t3\n' "$name" >"$folder/none.bed"
absent=$folder/no.h5 expect_failure 1 'nothing can be learnt from 0 starts and [0-9]+ other windows' "no starts" \
    "$MUTAGREE" train --transcripts "${example[1]}" --annotation "$folder/none.bed" --out "$folder/no.h5" --quiet
expect_failure 1 'nothing can be learnt from [0-9]+ starts and 0 other windows' "nothing but starts" \
    "$MUTAGREE" train "${small[@]}" --candidates annotated --out "$folder/no.h5"
expect_failure 1 "'chr99' is no file, and neither a transcript, nor a chromosome" "an unknown chromosome" \
    "$MUTAGREE" train "${small[@]}" --held-out chr99 --out "$folder/no.h5"
expect_failure 2 '--out FILE is missing' "no output" "$MUTAGREE" train "${small[@]}"
expect_failure 2 'models are written as .h5 or .safetensors' "an ending that no model has, before anything else" \
    "$MUTAGREE" train "${small[@]/#*.gtf.gz/nothing.gtf}" --out "$folder/net.txt"
expect_failure 1 'cannot write to folder .*/none' "a folder that is not there, likewise" \
    "$MUTAGREE" train "${small[@]/#*.gtf.gz/nothing.gtf}" --out "$folder/none/net.h5"
expect_failure 1 'net.h5 is there already' "an output that is there" "$MUTAGREE" train "${small[@]}" --out "$folder/1/net.h5"
expect_failure 1 'no finite number any more at step [0-9]+ \(epoch [0-9]+\), at learning rate' "a loss that explodes" \
    "$MUTAGREE" train "${small[@]}" --optimiser sgd --rate 1000 --warm-up 0 --out "$folder/no.h5"
expect_failure 1 'no finite number any more' "... on two ranks, told once" \
    ranks 2 "$MUTAGREE" train "${small[@]}" --optimiser sgd --rate 1000 --warm-up 0 --force --out "$folder/no.h5"
later=("${example[@]}" --epochs 5 --optimiser sgd --schedule constant --warm-up 3 --quiet --out "$folder/later.h5")
expect_failure 1 'smaller --rate or a longer --warm-up, and with --force, because .*later.h5.checkpoint is of this rate' \
    "one that explodes after an epoch" "$MUTAGREE" train "${later[@]}" --rate 20
check "the remedy that it tells" "$MUTAGREE" train "${later[@]}" --rate 0.01 --force
sed 's/BatchNorm1d(10)/BatchNorm1d(10, momentum=None)/' "$folder/small.arch" >"$folder/none.arch"
expect_failure 1 "none.arch line 10: 4 BatchNorm1d\(10, momentum=None\): momentum is 'None', expected a number" \
    "a batch normalisation without momentum" \
    "$MUTAGREE" train "${example[@]}" --arch "$folder/none.arch" --out "$folder/no2.h5" --quiet
finish
