#!/bin/bash
# i01  the doorway: help, version, unknown words, exit status, standard output that cannot be written
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
commands='scan report export windows methods convert info verify diff bench'

check_output "--help lists the commands" '^Usage: mutagree COMMAND' "$MUTAGREE" --help
check_output "--version tells the version and revision" '^mutagree [0-9.]+ \(revision ' "$MUTAGREE" --version
for library in MPI HDF5 GSL htslib jansson libzip; do
    check_output "--version tells $library" "^$library +[A-Za-z ]*v?[0-9.]+" "$MUTAGREE" --version
done
for command in $commands; do
    check_output "help lists $command" "^  $command " "$MUTAGREE" help
    check_output "$command --help shows its options" "^Usage: mutagree $command( |$)" "$MUTAGREE" "$command" --help
    # One after the other: Open MPI's singletons now and then fail when two start in the same moment.
    "$MUTAGREE" "$command" --help >"$folder/one" 2>&1
    "$MUTAGREE" help "$command" >"$folder/other" 2>&1
    check "help $command is the same text" cmp "$folder/one" "$folder/other"
    check "its lines have at most 100 columns" awk 'length > 100 { exit 1 }' "$folder/one"
    expect_failure 2 "^mutagree: $command has no option --no-such-thing" "$command refuses an unknown option" \
        "$MUTAGREE" "$command" --no-such-thing
done

capture "$MUTAGREE"
status=$?
if [ $status -eq 2 ] && grep -q '^Usage' "$folder_private/err" && [ ! -s "$folder_private/out" ]; then
    ok "without a command the help goes to stderr"
else
    not_ok "without a command the help goes to stderr"
    show_capture $status
fi
expect_failure 2 "no command 'scna'; did you mean 'scan'" "a slip is recognised" "$MUTAGREE" scna
expect_failure 2 "no command 'xyzzy'$" "a strange word is not" "$MUTAGREE" xyzzy
expect_failure 2 "no command 'xyzzy'$" "nor after help" "$MUTAGREE" help xyzzy
expect_failure 2 "no command '.\[31m.'$" "control characters do not reach the terminal" "$MUTAGREE" $'\e[31m\a'

check_output "help of an MPI command is told once on several ranks" '^1$' \
    bash -c ". tests/program/tap.sh; ranks 3 '$MUTAGREE' scan --help | grep -c '^Usage'"
check_output "a command without MPI warns under mpirun" '^mutagree: warning: methods is no program for MPI: .* 3 processes' \
    env OMPI_COMM_WORLD_SIZE=3 OMPI_COMM_WORLD_RANK=0 bash -c "'$MUTAGREE' methods 2>&1 >/dev/null"
expect_failure 2 "scan has no option --no-such-thing" "so is a mistake" ranks 3 "$MUTAGREE" scan --no-such-thing

if [ -w /dev/full ]; then
    expect_failure 1 "cannot write standard output: No space left" "a full disk is an error" \
        bash -c "'$MUTAGREE' --help >/dev/full"
else
    skip "a full disk is an error" "no /dev/full"
fi
expect_failure 1 "cannot write standard output" "so is a closed standard output" bash -c "'$MUTAGREE' --help >&-"
check "a reader that leaves early is no error to talk about" bash -c "
    '$MUTAGREE' --help 2>'$folder/pipe' | head -n 0; sleep 0.2; ! [ -s '$folder/pipe' ]"
finish
