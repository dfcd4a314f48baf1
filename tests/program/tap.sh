# shellcheck shell=bash
# tap.sh  helpers for whole-program tests. A test is a script tests/program/iNN-what.sh that begins with
#
#     . "$(dirname "$0")/tap.sh"
#
# runs from the root of the repository, and ends with `finish` (which prints the plan; a script that dies before is a
# failure). It finds the program in $MUTAGREE and an empty folder, removed at the end, in $folder.
#
#     ok NAME            a test that passed           not_ok NAME          one that did not
#     skip NAME REASON   one that cannot be run here  note TEXT...         a line for the reader
#     check NAME COMMAND...                           the command must succeed
#     check_output NAME REGEX COMMAND...              ... and its stdout must match (grep -E)
#     expect_failure STATUS REGEX NAME COMMAND...     it must end with STATUS and say one sentence on stderr, which
#                                                     matches; `absent=FILE expect_failure ...`: and FILE must not exist
#     ranks N COMMAND...                              under mpirun on N ranks, with a time limit
#     tool NAME                                       make build/tests/tools/NAME, or be finished
#     "${slow_disk[@]}" COMMAND...                    each of its files takes 50 ms or more to be on the disk, twice that
#                                                     with its name; needs `tool slow_disk.so`
#     await JOB CONDITION...                           wait for it, or until the process JOB of this shell has ended: no
#                                                     limit of its own, which a slow machine would reach
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. environment/env.sh
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$PWD/$BUILD ;; esac
MUTAGREE=$BUILD/mutagree
export MUTAGREE BUILD
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-2}
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder" "$folder_private"' EXIT
folder_private=$(mktemp -d) || exit 1
n_tests=0 n_failed=0

ok() { n_tests=$((n_tests + 1)); echo "ok $n_tests - $1"; }
not_ok() { n_tests=$((n_tests + 1)); n_failed=$((n_failed + 1)); echo "not ok $n_tests - $1"; }
skip() { n_tests=$((n_tests + 1)); echo "ok $n_tests - $1 # SKIP $2"; }
note() { printf '%s\n' "$*" | sed 's/^/# /'; }
finish() { echo "1..$n_tests"; exit $((n_failed > 0)); }

ranks() {
    local n=$1
    shift
    timeout -k 10 300 mpirun --oversubscribe --bind-to none -n "$n" "$@"
}

tool() {
    make -s BUILD="$BUILD" "$BUILD/tests/tools/$1" >/dev/null 2>&1 && return
    not_ok "tests/tools/$1 is built"
    finish
}

# shellcheck disable=SC2034 # for the tests
slow_disk=(env SLOW_DISK_MS=50 LD_PRELOAD="$BUILD/tests/tools/slow_disk.so")

await() {
    local job=$1
    shift
    until "$@" || ! kill -0 "$job" 2>/dev/null; do sleep 0.02; done
}

# The status of a command, its stdout and stderr in files.
capture() {
    "$@" >"$folder_private/out" 2>"$folder_private/err"
}

show_capture() {
    note "status $1; stdout and stderr end with:"
    tail -n 8 "$folder_private/out" | sed 's/^/#   /'
    tail -n 12 "$folder_private/err" | sed 's/^/# | /'
}

check() {
    local name=$1 status=0
    shift
    capture "$@" || status=$?
    if [ $status -eq 0 ]; then ok "$name"; else not_ok "$name"; show_capture $status; fi
}

check_output() {
    local name=$1 regex=$2 status=0
    shift 2
    capture "$@" || status=$?
    if [ $status -eq 0 ] && grep -Eq -- "$regex" "$folder_private/out"; then
        ok "$name"
    else
        not_ok "$name"
        note "wanted on stdout: $regex"
        show_capture $status
    fi
}

expect_failure() {
    local wanted=$1 regex=$2 name=$3 status=0 sentences why=
    shift 3
    capture "$@" || status=$?
    sentences=$(grep -c '^mutagree: ' "$folder_private/err") || true
    sentences=$((sentences - $(grep -c '^mutagree: warning: ' "$folder_private/err" || true)))
    [ $status -eq "$wanted" ] || why="wanted status $wanted"
    grep -Eq -- "$regex" "$folder_private/err" || why="wanted on stderr: $regex"
    [ "$sentences" -eq 1 ] || why="wanted one sentence, not $sentences"
    [ -n "${absent:-}" ] && [ -e "$absent" ] && why="$absent was made"
    if [ -z "$why" ]; then ok "$name"; else not_ok "$name"; note "$why"; show_capture $status; fi
}
