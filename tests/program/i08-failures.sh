#!/bin/bash
# i08  what fails, fails on all ranks, with one sentence and one status, and leaves no half of a result behind
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=share
data=(--transcripts share/example/transcripts.fa.gz --annotation share/example/annotation.gtf.gz)
quick=("${data[@]}" --candidates annotated --methods saliency --quiet)
run=$folder/run.h5
is_clean() { # NAME FOLDER: nothing of a run is left in it
    check "$1" test -z "$(ls -A "$2")"
}

# --- output ---
check "a first run" "$MUTAGREE" scan "${quick[@]}" --out "$run"
sum=$(sha256sum <"$run")
for n in 1 3; do
    expect_failure 1 'run.h5 is there already.*--force' "an existing output is kept, $n ranks" \
        ranks $n "$MUTAGREE" scan "${quick[@]}" --out "$run"
    check "... as it was" test "$sum" = "$(sha256sum <"$run")"
done
check "--force replaces it" ranks 2 "$MUTAGREE" scan "${quick[@]}" --out "$run" --force
rm "$run"
expect_failure 1 'run.summary.tsv is there already' "an existing summary is kept" "$MUTAGREE" scan "${quick[@]}" --out "$run"
rm "$folder"/run.*
absent=$folder/none/run.h5 expect_failure 1 'folder .*/none: No such file' "no such folder" \
    ranks 2 "$MUTAGREE" scan "${quick[@]}" --out "$folder/none/run.h5"
expect_failure 1 'is a folder' "a folder is no file" "$MUTAGREE" scan "${quick[@]}" --out "$folder"
expect_failure 2 'no name of a file' "no name" "$MUTAGREE" scan "${quick[@]}" --out "$folder/x/"
expect_failure 2 'a result is no stream' "standard output" "$MUTAGREE" scan "${quick[@]}" --out -
expect_failure 1 'not a folder|Not a directory' "a file is no folder" "$MUTAGREE" scan "${quick[@]}" \
    --out share/example/README.md/run.h5
mkdir "$folder/locked"
chmod a-w "$folder/locked"
if [ -w "$folder/locked" ]; then
    skip "a folder that is not writable" "this user may write everywhere"
else
    absent=$folder/locked/run.h5 expect_failure 1 'Permission denied' "a folder that is not writable" \
        "$MUTAGREE" scan "${quick[@]}" --out "$folder/locked/run.h5"
fi
chmod u+w "$folder/locked"
rmdir "$folder/locked"
mkdir "$run.parts"
touch "$run.parts/precious"
absent=$run expect_failure 1 'parts/precious was not made by mutagree' "somebody else's folder is kept" \
    ranks 2 "$MUTAGREE" scan "${quick[@]}" --out "$run"
check "... with what is in it" test -e "$run.parts/precious"
rm -r "$run.parts"

# --- the command line ---
absent=$run expect_failure 2 '--out' "no output" ranks 2 "$MUTAGREE" scan "${quick[@]}"
absent=$run expect_failure 2 "metods" "an unknown option" ranks 2 "$MUTAGREE" scan --metods lrp --out "$run"
absent=$run expect_failure 2 "lpr.*lrp" "an unknown method" ranks 3 "$MUTAGREE" scan "${data[@]}" --methods lpr --out "$run"
absent=$run expect_failure 2 "threads" "a number out of range" "$MUTAGREE" scan "${quick[@]}" --threads -1 --out "$run"
absent=$run expect_failure 2 'transcripts' "no input" ranks 2 "$MUTAGREE" scan --out "$run"

# --- input and model (tests/program/i02-input.sh and i03-models.sh have more) ---
absent=$run expect_failure 1 'none.fa' "no such transcripts" ranks 3 "$MUTAGREE" scan --transcripts "$folder/none.fa" --out "$run"
absent=$run expect_failure 1 'none.h5' "no such model" ranks 3 "$MUTAGREE" scan "${quick[@]}" --model "$folder/none.h5" --out "$run"
is_clean "nothing is left of all that" "$folder"

# --- the disk is full: while shards are written, and when the whole file is ---
small=$folder/small
mkdir "$small"
tell() { # COMMAND...: keeps what it says on stderr
    local status=0
    "$@" 2>"$folder_private/told" || status=$?
    cat "$folder_private/told" >&2
    return $status
}
full() { # SIZE REGEX NAME RANKS
    if mount -t tmpfs -o "size=$1" tmpfs "$small" 2>/dev/null; then
        absent=$small/run.h5 expect_failure 1 "$2.*No space left on device" "$3, $4 ranks" \
            tell \
            ranks "$4" "$MUTAGREE" scan "${data[@]}" --quiet --shard-size 16 --out "$small/run.h5"
        check "... what was finished is kept" test "$(ls -A "$small")" = run.h5.parts
        check "... and told" grep -Eq '[0-9]+ of 17 shards are safe in .*run the same command to go on' "$folder_private/told"
        mount -o remount,size=64M "$small"
        check "... with room the same command goes on" ranks "$4" "$MUTAGREE" scan "${data[@]}" --quiet --shard-size 16 \
            --out "$small/run.h5"
        check "... and clears away" test ! -e "$small/run.h5.parts"
        umount "$small"
    else
        skip "$3, $4 ranks" "a small file system cannot be mounted here"
    fi
}
for n in 1 2 3; do
    full 1M 'shard-0' "the disk is full in the middle of the work" $n
    full 5M 'run.h5.part' "the disk is full at the end" $n
done
# A limit on the size of a file does for every user (without mpirun, and with PMIx keeping to memory: they have files too).
limited() { # KILOBYTES REGEX NAME LEFT
    absent=$small/run.h5 expect_failure 1 "$2.*File too large" "$3" \
        bash -c 'trap "" XFSZ; ulimit -f '"$1"'; export PMIX_MCA_gds=hash; exec "$@"' limited "$MUTAGREE" scan "${data[@]}" --quiet --out "$small/run.h5"
    check "... and leaves ${4:-nothing}" test "$(ls -A "$small")" = "$4"
    rm -rf "$small/run.h5.parts"
}
limited 256 'shard-0' "a shard is larger than files may be" ''
limited 2000 'run.h5.part' "the result is larger than files may be" run.h5.parts
rmdir "$small"

# --- a rank dies: all end, nothing has the name of a result, and the same command works afterwards ---
long=("${data[@]}" --methods 'integrated_gradients:steps=10000' --quiet --shard-size 1 --out "$run")
setsid bash -c '. environment/env.sh; exec timeout -k 5 120 mpirun --oversubscribe --bind-to none -n 3 "$@"' \
    scan "$MUTAGREE" scan "${long[@]}" >"$folder_private/log" 2>&1 &
job=$!
await "$job" compgen -G "$run.parts/shard-*.h5" >/dev/null
victim=$(pgrep -s "$job" -x mutagree | tail -n 1)
if [ -n "$victim" ]; then
    kill -9 "$victim"
    started=$SECONDS status=0
    wait "$job" || status=$?
    check "all end when a rank is killed" test $status -ne 0 -a $status -ne 124 -a $((SECONDS - started)) -lt 30
    check "no result has appeared" test ! -e "$run"
    expect_failure 1 'interrupted run with another input .*--force to start anew$' "other options do not go on with its shards" \
        ranks 2 "$MUTAGREE" scan "${quick[@]}" --out "$run"
    check "unless --force begins anew" ranks 2 "$MUTAGREE" scan "${quick[@]}" --out "$run" --force
    check "... which clears away" test ! -e "$run.parts"
else
    not_ok "a rank to kill was found"
    sed 's/^/# /' "$folder_private/log"
fi
rm -f "$folder"/run.*

# --- Open MPI's semaphore of a run that was killed while it wrote its result ---
name=mg-$$-$RANDOM.h5 semaphore=
if [ -d /dev/shm ] && [ -w /dev/shm ]; then
    semaphore=/dev/shm/sem.OMPIO_$name.part
    head -c 32 /dev/zero >"$semaphore"
    check "a stale semaphore does not stop a run" timeout -k 5 60 "$MUTAGREE" scan "${quick[@]}" --out "$folder/$name"
    rm -f "$semaphore"
else
    skip "a stale semaphore does not stop a run" "no /dev/shm"
fi
finish
