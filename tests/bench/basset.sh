#!/bin/bash
# basset.sh  a network of Basset's size with random weights: its scan against the naive scan, methods, threads
# usage: tests/bench/basset.sh [OPTION OF BENCH]...     (such as --rounds 3, --sample 8, --json FILE)
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"

model=$(random_model basset)
"$MUTAGREE" bench --model "$model" --sample 16 --rounds 5 "$@"
