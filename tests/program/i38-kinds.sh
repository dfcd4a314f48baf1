#!/bin/bash
# i38  what methods do at kinds of nodes, and metrics: the documentation has the tables that the program prints
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
"$MUTAGREE" methods --kinds >"$folder/printed"
awk '/^\| kind \| for people/ {on = 1} !/^\|/ {on = 0} on' docs/methods/README.md >"$folder/written"
check "docs/methods/README.md has the table of 'mutagree methods --kinds'" diff "$folder/written" "$folder/printed"
check_output "a rule that a kind has not is told" '^\| `softmax` \|.*\| refused \|' cat "$folder/printed"

# Metrics and baselines likewise.
"$MUTAGREE" methods --metrics >"$folder/printed"
awk '/^\| metric \| family/ {on = 1} /^## / {on = 0} on' docs/methods/faithfulness.md | grep -v '^$' >"$folder/written"
grep -v '^$' "$folder/printed" >"$folder/wanted"
check "docs/methods/faithfulness.md has the table of 'mutagree methods --metrics'" diff "$folder/written" "$folder/wanted"
check_output "what is measured in chosen windows is told" '^\| `morf_20` \| curves \| chosen windows \| larger \| passes' cat "$folder/printed"
finish
