#!/bin/bash
# i38  what methods do at kinds of nodes: the documentation has the table that the program prints
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
"$MUTAGREE" methods --kinds >"$folder/printed"
awk '/^\| kind \| for people/ {on = 1} !/^\|/ {on = 0} on' docs/methods/README.md >"$folder/written"
check "docs/methods/README.md has the table of 'mutagree methods --kinds'" diff "$folder/written" "$folder/printed"
check_output "a rule that a kind has not is told" '^\| `softmax` \|.*\| refused \|' cat "$folder/printed"
finish
