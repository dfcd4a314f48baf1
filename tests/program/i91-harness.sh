#!/bin/bash
# i91  the harness itself: what does not really pass must be counted as failed
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"

# Runs tests/run on a script made of the given lines; its last line and its status must be as wanted.
counted() { # NAME WANTED-LINE WANTED-STATUS SCRIPT
    local status=0 last
    printf '%s\n' "$4" >"$folder/i99-case.sh"
    TEST_TIMEOUT=${limit:-60} SEARCH='' tests/run "$folder/i99-case.sh" >"$folder/said" 2>&1 || status=$?
    last=$(tail -n 1 "$folder/said")
    if [ "$last" = "$2" ] && [ $status -eq "$3" ]; then
        ok "$1"
    else
        not_ok "$1"
        note "wanted status $3 and '$2', got status $status and:"
        sed 's/^/#   /' "$folder/said"
    fi
}

counted "what passes is counted" "2 passed, 0 failed" 0 'echo ok 1 - a; echo ok 2; echo 1..2'
counted "so is what fails" "1 passed, 1 failed" 1 'echo 1..2; echo ok 1; echo not ok 2; exit 1'
counted "a skip is neither" "1 passed, 0 failed, 1 skipped" 0 'echo 1..2; echo ok 1; echo "ok 2 - b # SKIP no data"'
counted "also in cmocka's words" "1 passed, 0 failed, 1 skipped" 0 'echo 1..2; echo ok 1 - a; echo "not ok 2 # SKIP b"'
counted "nothing but skips is no success" "0 passed, 0 failed, 1 skipped" 1 'echo "1..0 # SKIP no data"'
counted "silence is a failure" "0 passed, 1 failed" 1 'true'
counted "a missing plan is a failure" "1 passed, 1 failed" 1 'echo ok 1'
counted "planned but not run is a failure" "1 passed, 2 failed" 1 'echo 1..3; echo ok 1'
counted "more than planned is a failure" "2 passed, 1 failed" 1 'echo 1..1; echo ok 1; echo ok 2'
counted "a bad end is a failure" "1 passed, 1 failed" 1 'echo 1..1; echo ok 1; exit 3'
counted "a crash is a failure" "1 passed, 2 failed" 1 'echo 1..2; echo ok 1; kill -SEGV $$'
limit=2 counted "a time-out is a failure" "1 passed, 1 failed" 1 'echo 1..1; echo ok 1; sleep 600'
# shellcheck disable=SC2016
counted "a file left behind is a failure" "1 passed, 1 failed" 1 'echo 1..1; echo ok 1; echo x >"$TMPDIR/rest"'
expect_status() { # STATUS COMMAND...
    local wanted=$1 status=0
    shift
    "$@" || status=$?
    [ "$status" -eq "$wanted" ]
}
check "a word that picks nothing is no success" expect_status 1 env SEARCH=no-such-test tests/run
check "a program that is not there is a failure" expect_status 1 tests/run "$folder/test_nothing"
finish
