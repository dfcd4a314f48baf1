#!/bin/bash
# published.sh  time a window of each published network under ../shared/models, as rows of docs/models.md: forward pass, mutation
#               scan, and the whole window with the methods that have a rule for it; lower quartiles, which other work on the machine
#               disturbs least
# usage: [ONLY=REGEX] tests/bench/published.sh [OPTION OF BENCH]...     (such as --rounds 5)
# The options of each network are those of tests/models/NAME/options.txt, as check_models.py takes them. Skips without ../shared.
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"
pack=$root/../shared/models
cd "$root"
only=${ONLY:-.}
[ -d "$pack" ] || { echo "published.sh: $pack is not here"; exit 0; }

card() { # NAME KEY: a text, or the first of a list
    sed -n 's/^ *"'"$2"'": *\[\{0,1\} *"\([^"]*\)".*/\1/p' "$pack/$1/card.json" | head -n 1
}
row() { # NAME TABLE
    awk -v name="$1" '
        /ms a window/ { on = 1 }
        on && /^(forward|mutation scan|whole window) / { sub(/^(forward|mutation scan|whole window) */, ""); split($0, f, " "); split(f[2], q, "-"); t[++n] = q[1] }
        /^  network/ { for (i = 1; i < NF; i++) if ($(i + 1) == "nt,") length_ = $i }
        END { if (n == 3) printf "| %s | %s | %s | %s | %s |\n", name, length_, t[1], t[2], t[3]; else exit 1 }' "$2"
}
echo "| network | nt | forward, ms | scan, ms | whole window, ms |"
echo "|---|---|---|---|---|"
for net in "$pack"/*/; do
    name=$(basename "$net")
    [[ $name =~ $only ]] || continue
    options=tests/models/$name
    file=$(tr -d '\n' <"$net/card.json" | grep -o '"model_files": *\[ *"[^"]*"' | sed 's/.*"\([^"]*\)"$/\1/')
    text=$(card "$name" arch)
    lines=(default)
    [ ! -f "$options/options.txt" ] || mapfile -t lines < <(grep -v '^ *\(#\|$\)' "$options/options.txt")
    done_=no
    for line in "${lines[@]}"; do
        [ "$line" != default ] || line=
        eval "given=(${line//\{opt\}/$options})"
        [ -z "$text" ] || [[ $line == *--arch* ]] || given+=(--arch "$net$text")
        for score in "" "--score logit"; do
            [[ $line != *--score* ]] || score=
            # shellcheck disable=SC2086 # words of their own
            if timeout 300 "$MUTAGREE" bench --model "$net$file" "${given[@]}" $score --parts 'forward scan window' --sample 2 \
                --threads 1 --rounds 3 "$@" >"$folder/table" 2>"$folder/said" && row "$name" "$folder/table"; then
                done_=yes
                break 2
            fi
            [[ $line != *--score* ]] || break
        done
    done
    [ $done_ = yes ] || printf '| %s | | refused: %s | | |\n' "$name" "$(head -n 1 "$folder/said" | sed 's/^mutagree: //; s,[^ ]*/,,g' | cut -c1-120)"
done
