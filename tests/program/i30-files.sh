#!/bin/bash
# i30  nothing is replaced that is not ours: devices, pipes, symbolic links, also to nowhere, and files of the user that have a
# name which we might use; standard output that is closed; names and limits that are found before the work
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
example=(--transcripts "$PWD/share/example/transcripts.fa.gz" --annotation "$PWD/share/example/annotation.gtf.gz")
data=("${example[@]}" --candidates annotated --methods saliency --bootstrap 10 --quiet)
variants=$PWD/share/example/variants.vcf
small=$PWD/tests/data/small
cd "$folder" || exit 1
scan() { timeout 60 "$MUTAGREE" scan "${data[@]}" "$@" >/dev/null; }
check "a run" scan --out run.h5 --layout merged

# --- what stands in the way stays as it is, with and without --force ---
echo precious >target
kinds=(pipe link nowhere folder)
mkfifo pipe
ln -s target link
ln -s none nowhere
mkdir folder
if mknod device c 1 3 2>/dev/null; then kinds+=(device); fi
stands() { # KIND: it is what it was
    case $1 in
    pipe) [ -p pipe ] ;;
    device) [ -c device ] ;;
    folder) [ -d folder ] && [ -z "$(ls -A folder)" ] ;;
    link) [ "$(readlink link)" = target ] && [ "$(cat target)" = precious ] ;;
    nowhere) [ "$(readlink nowhere)" = none ] && [ ! -e none ] ;;
    esac
}
refused() { # NAME COMMAND... with PATH for the name: it must fail, and leave PATH
    local name=$1 kind n_bad=0 status
    shift
    for kind in "${kinds[@]}"; do
        status=0
        timeout 60 "${@//PATH/$kind}" >/dev/null 2>"$folder_private/said" </dev/null || status=$?
        if [ $status -ne 1 ] || ! stands "$kind" || ! grep -q "^mutagree: .*$kind" "$folder_private/said"; then
            n_bad=$((n_bad + 1))
            note "$name $kind: status $status, $(head -c 200 "$folder_private/said")"
        fi
    done
    check "$name: no device, pipe, link or folder is replaced" test $n_bad -eq 0
}
refused scan "$MUTAGREE" scan "${data[@]}" --out PATH
refused "scan --force" "$MUTAGREE" scan "${data[@]}" --out PATH --force
refused "scan --status" "$MUTAGREE" scan "${data[@]}" --out new.h5 --status PATH
refused "scan --status --force" "$MUTAGREE" scan "${data[@]}" --out new.h5 --status PATH --force
refused "predict" "$MUTAGREE" predict "${example[@]}" --out PATH --force --quiet
refused "score" "$MUTAGREE" score --vcf "$variants" "${example[@]}" --out PATH --force --quiet
refused "export" "$MUTAGREE" export run.h5 --format effects --out PATH --force --quiet
refused "evaluate --json" "$MUTAGREE" evaluate "${example[@]}" --json PATH --force --quiet
check "nothing else was made" test "$(ls | tr '\n' ' ')" = "$(printf '%s\n' run.h5 run.summary.json run.summary.tsv target "${kinds[@]}" | sort | tr '\n' ' ')"
ln -s target converted.h5
expect_failure 1 'converted.h5 is a symbolic link' "convert follows no link" "$MUTAGREE" convert --model tis-human --out converted.h5 --force
mkdir report
ln -s ../target report/report.json
expect_failure 1 'report.json is a symbolic link' "report follows no link" \
    bash -c '"$1" report run.h5 --out report --force >/dev/null' report "$MUTAGREE"
check "... and leaves what it points to" test "$(cat target)" = precious

# --- files of the user with names that we might use ---
precious=(new.h5.part new.h5.part.data.0 new.h5.tmp new.summary.tsv.part new.status.tmp)
for name in "${precious[@]}"; do echo precious >"$name"; done
ln -s target new.summary.json.part
check "a run beside files of others" scan --out new.h5 --status new.status
check "... does not touch them" bash -c 'for name; do [ "$(cat "$name")" = precious ] || exit 1; done' all "${precious[@]}" target
echo '{"name": "mine"}' >mine.json
expect_failure 1 'mine.json is there already, and no status file' "a file of the user is no status file" \
    "$MUTAGREE" scan "${data[@]}" --out more.h5 --status mine.json
check "... and stays" grep -q mine mine.json
check "a status file of an earlier run is replaced" scan --out more.h5 --status new.status
mkdir elsewhere
ln -s elsewhere third.h5.parts
absent=third.h5 expect_failure 1 'third.h5.parts is a symbolic link' "OUT.parts as a link" "$MUTAGREE" scan "${data[@]}" --out third.h5
rm third.h5.parts
ln -s elsewhere third.h5.shards
absent=third.h5 expect_failure 1 'third.h5.shards is in the way' "OUT.shards as a link" \
    "$MUTAGREE" scan "${data[@]}" --out third.h5 --layout virtual
check "... leaves what it points to" test -z "$(ls -A elsewhere)"
touch mine.vcf.gz.tbi
expect_failure 1 'mine.vcf.gz.tbi is there already' "an index of somebody else" \
    "$MUTAGREE" export run.h5 --format vcf --quiet --out mine.vcf.gz

# --- pipes and lines without end in place of files that are read ---
expect_failure 1 'pipe is no regular file' "a pipe as a run" "$MUTAGREE" report pipe
check "a run of virtual layout" scan --out virtual.h5 --layout virtual
shard=$(find virtual.h5.shards -name 'shard-00000000.h5')
rm "$shard" && mkfifo "$shard"
expect_failure 1 'shard-00000000.h5 is no regular file' "a pipe as a shard" "$MUTAGREE" report virtual.h5
head -c 70000000 /dev/zero | tr '\0' 'A' | gzip -1 >endless.gz
expect_failure 1 'endless.gz line 1: a line of more than 64 MB' "an annotation without line ends" \
    bash -c 'ulimit -v 4000000; exec "$@"' limited "$MUTAGREE" windows --transcripts "${example[1]}" --annotation endless.gz --quiet
(printf '##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'; zcat endless.gz) >endless.vcf
expect_failure 1 'endless.vcf line 3: a line of more than 64 MB' "variants without line ends" \
    "$MUTAGREE" score --vcf endless.vcf "${example[@]}" --quiet
gzip -1 endless.vcf
expect_failure 1 'endless.vcf.gz line 3: a line of more than 64 MB' "... packed" "$MUTAGREE" score --vcf endless.vcf.gz "${example[@]}" --quiet

# --- an input that is replaced while it is read ---
zcat "${example[1]}" >t.fa
cp t.fa other.fa
mkfifo annotation.gtf
"$MUTAGREE" scan --transcripts t.fa --annotation annotation.gtf --candidates annotated --methods saliency --quiet --out swapped.h5 \
    >/dev/null 2>said &
job=$!
exec 3>annotation.gtf
mv other.fa t.fa
zcat "${example[3]}" >&3
exec 3>&-
status=0
wait "$job" || status=$?
check "a file that is replaced while it is read is not the one whose sum is told" test $status -eq 1
check "... and that is said" grep -q 't.fa was replaced or changed while it was read' said

# --- two runs, one OUT: the one that waits does not replace what the other has finished ---
long=("${example[@]}" --methods integrated_gradients:steps=2000 --shard-size 4 --quiet --out both.h5)
OMP_NUM_THREADS=1 "$MUTAGREE" scan "${long[@]}" >/dev/null 2>&1 &
job=$!
await "$job" compgen -G "both.h5.parts/shard-*.h5" >/dev/null
kill -STOP "$job"
"$MUTAGREE" scan "${long[@]}" >/dev/null 2>said &
second=$!
sleep 1
kill -CONT "$job"
wait "$job"
check "the first of two runs is done" test $? -eq 0
first=$(sha256sum both.h5)
wait "$second"
check "the second is refused" test $? -eq 1
check "... as it should" grep -Eq 'both.h5 is there already|both.h5.parts belongs to a run that is still alive' said
check "... and has changed nothing" test "$(sha256sum both.h5)" = "$first"

# --- found before the first window ---
long_name=$(printf 'x%.0s' {1..240}).h5
expect_failure 1 'the name is too long' "a name beside which no other fits" "$MUTAGREE" scan "${data[@]}" --out "$long_name"
expect_failure 1 'does not allow 1[0-9] shards to be open at once' "more shards than files may be open" \
    env OMP_NUM_THREADS=1 bash -c 'ulimit -n 100; exec "$@"' limited "$MUTAGREE" scan "${data[@]}" --out few.h5 --layout virtual --shard-size 1
check "... which a merged run does not need" bash -c 'ulimit -n 100; exec "$@" >/dev/null' limited \
    "$MUTAGREE" scan "${data[@]}" --out few.h5 --shard-size 1

# --- standard output and others closed ---
closed() { # NAME COMMAND...
    local name=$1 status=0
    shift
    timeout 60 "$@" >&- 2>"$folder_private/said" || status=$?
    check "$name with standard output closed" test $status -eq 1
    check "... says so" grep -q 'cannot write standard output: Bad file descriptor' "$folder_private/said"
}
closed windows "$MUTAGREE" windows "${example[@]}"
closed predict "$MUTAGREE" predict "${example[@]}" --quiet
closed score "$MUTAGREE" score --vcf "$variants" "${example[@]}" --quiet
closed report "$MUTAGREE" report run.h5
closed export "$MUTAGREE" export run.h5 --format effects --out - --quiet
closed info "$MUTAGREE" info run.h5
closed methods "$MUTAGREE" methods
closed help "$MUTAGREE" --help
status=0
timeout 60 "$MUTAGREE" scan "${data[@]}" --out closed.h5 <&- >&- 2>&- || status=$?
check "a scan without any of the three" test $status -eq 0
check "... is whole" "$MUTAGREE" verify closed.h5 --quiet --windows 3
timeout 60 "$MUTAGREE" predict "${example[@]}" --quiet --out closed.tsv <&- >&- 2>&- || status=$?
check "a file is written without them" test $status -eq 0 -a -s closed.tsv
cd / || exit 1
# --- what a command reads is nothing that it writes, with --force or without ---
cp "$small.spliced.fa" "$folder/own.fa"
cp "$small.gtf" "$folder/own.gtf"
ln "$folder/own.fa" "$folder/other-name.fa"
before=$(cat "$folder/own.fa" "$folder/own.gtf" | cksum)
own=(--transcripts "$folder/own.fa" --annotation "$folder/own.gtf" --model "$small.pth" --quiet --force)
expect_failure 2 "[-]-out .*own.fa is the file of --transcripts, too" "scan does not replace its transcripts" \
    "$MUTAGREE" scan "${own[@]}" --out "$folder/own.fa"
expect_failure 2 "[-]-out .*own.gtf is the file of --annotation, too" "nor its annotation" "$MUTAGREE" scan "${own[@]}" --out "$folder/own.gtf"
expect_failure 2 "is the file of --transcripts, too" "nor by another name" "$MUTAGREE" predict "${own[@]}" --out "$folder/other-name.fa"
expect_failure 2 "[-]-status .*own.fa is the file of --transcripts, too" "nor for its status" \
    "$MUTAGREE" scan "${own[@]}" --out "$folder/own.h5" --status "$folder/own.fa"
check "the input is as it was" test "$before" = "$(cat "$folder/own.fa" "$folder/own.gtf" | cksum)"
check "a run to read" "$MUTAGREE" scan "${own[@]}" --methods saliency --out "$folder/own.h5"
sum=$(cksum <"$folder/own.h5")
expect_failure 2 "own.h5 is a file that is read" "export does not replace its run" \
    "$MUTAGREE" export "$folder/./own.h5" --format windows --out "$folder/own.h5" --force
check "the run is as it was" test "$sum" = "$(cksum <"$folder/own.h5")"
finish
