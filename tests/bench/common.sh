# shellcheck shell=bash
# common.sh  what the scripts of tests/bench share: where the program is, and an empty folder that is removed at the end
set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$(dirname "$here")")
BUILD=${BUILD:-$root/build}
MUTAGREE=${MUTAGREE:-$BUILD/mutagree}
# shellcheck source=environment/env.sh
. "$root/environment/env.sh"
export MUTAGREE_SHARE=${MUTAGREE_SHARE:-$root/share}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() { echo "${0##*/}: $*" >&2; exit 1; }
[ -x "$MUTAGREE" ] || fail "there is no $MUTAGREE; run make first, or set BUILD or MUTAGREE"

# A network of the given architecture with random weights: its path.
random_model() {
    command -v python3 >/dev/null || fail "python3 is needed to make a network with random weights"
    cp "$here/$1.arch" "$folder/$1.arch"
    python3 "$here/random_model.py" "$folder/$1.arch" "$folder/$1.safetensors"
    echo "$folder/$1.safetensors"
}

# part, median ms, median ratio (or nothing) of each part in a JSON file of bench, separated by tabs.
list_parts() {
    awk '
        function value(line) { sub(/^[^:]*: */, "", line); sub(/,$/, "", line); return line }
        /^ *"part":/ { part = value($0); gsub(/"/, "", part) }
        /^ *"milliseconds":/ { of = "ms" }
        /^ *"naive_scan_ratio":/ { of = "ratio"; if ($2 ~ /null/) print part "\t" ms "\t" }
        /^ *"[a-z_]*":/ && !/milliseconds|naive_scan_ratio|median|q25|q75/ { of = "" }
        /^ *"median":/ && of == "ms" { ms = value($0) }
        /^ *"median":/ && of == "ratio" { print part "\t" ms "\t" value($0) }
    ' "$1"
}
