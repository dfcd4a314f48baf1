#!/bin/bash
# threads.sh  windows a second, efficiency and memory with 1, 2, 4, ... threads, for the published network and for one of
#             Basset's size
# usage: tests/bench/threads.sh [OPTION OF BENCH]...     (such as --threads '1 8 16', --rounds 5)
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"

"$MUTAGREE" bench --parts threads "$@"
model=$(random_model basset)
"$MUTAGREE" bench --parts threads --model "$model" --sample 16 --rounds 3 "$@"
