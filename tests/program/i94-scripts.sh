#!/bin/bash
# i94  scripts are free of what shellcheck finds; documents and example data are what they claim
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"

scripts=(.ci/run docs/*.sh environment/*.sh jobs/*.sh jobs/*.sbatch tests/run tests/*/*.sh)
for script in "${scripts[@]}"; do
    if command -v shellcheck >/dev/null; then
        check "shellcheck $script" shellcheck -S warning "$script"
    else
        check "bash -n $script" bash -n "$script"
    fi
done

check "make says nothing of a compiler that is still to be installed" test -z "$(make CC=no-such-compiler -n help 2>&1 >/dev/null)"

check_output "14 example transcripts" '^14$' bash -c "gzip -dc share/example/transcripts.fa.gz | grep -c '^>'"
check_output "28,564 nt" '^28564$' bash -c "gzip -dc share/example/transcripts.fa.gz | grep -v '^>' | tr -d '\n' | wc -c"
check "packed without a time stamp" \
    bash -c "cmp -n 4 -i 4 share/example/transcripts.fa.gz /dev/zero"
check "docs/file-format.md is what the table of fields says (make docs)" \
    bash -c "'$BUILD/docs/file_format' | cmp - docs/file-format.md"
finish
