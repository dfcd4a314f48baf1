#!/bin/bash
# i21  the report's page: whole, alone, and drawn as it should be in a browser
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
report() { "$MUTAGREE" report "$@"; }

check "a run" "$MUTAGREE" scan --transcripts share/example/transcripts.fa.gz --annotation share/example/annotation.gtf.gz \
    --quiet --bootstrap 100 --store hypothetical --out "$folder/run.h5"
check_output "its report with -o says where the page is" 'report\.html' report "$folder/run.h5" -o "$folder/one" --window ENST00000513300.5
page=$folder/one/report.html
check "the page is there" test -s "$page"
check "and below 5 MB" test "$(stat -c %s "$page")" -lt 5000000

# --- it stands alone ---
# What a browser would fetch; the scripts name addresses of XML's name spaces, which nobody fetches.
outside() { grep -oE '(src|href|action|poster)="[^"#]+|url\((https?:)?//[^)]*|@import|sourceMappingURL|https?://[^"'"'"' )\`]+' "$1" | grep -v 'http://www\.w3\.org/'; }
check "nothing in it points outside" bash -c "! $(declare -f outside); ! outside '$page'"
check_output "it forbids itself the network" "content=\"default-src 'none'; script-src 'sha256-[A-Za-z0-9+/]{43}=' 'sha256-" cat "$page"
sentence=$(sed -n 's/.*"verdict":.*"text":"\([^"]*\)".*/\1/p' "$folder/one/report.json" | head -c 60)
check "it has the verdict" grep -qF "${sentence:-no verdict}" "$page"

# --- windows of 10,001 nt, of which all numbers by position would make 6 MB ---
cat >"$folder/long.arch" <<'EOF'
window  10001
anchor  1000
layers
Sequential(
  (0): Conv1d(4, 4, kernel_size=(7,), stride=(1,))
  (1): ReLU()
  (2): MaxPool1d(kernel_size=20, stride=20)
  (3): Flatten(start_dim=1, end_dim=-1)
  (4): Linear(in_features=1996, out_features=1)
)
EOF
example=(--transcripts share/example/transcripts.fa.gz --annotation share/example/annotation.gtf.gz --quiet)
check "a network that sees 10,001 nt" "$MUTAGREE" train --arch "$folder/long.arch" "${example[@]}" --epochs 1 --negatives 1 --out "$folder/long.h5"
check "a run with it" "$MUTAGREE" scan --model "$folder/long.h5" "${example[@]}" --candidates annotated --bootstrap 0 --methods \
    'saliency input_x_gradient guided_backpropagation deconvolution integrated_gradients:steps=2 deeplift lrp' --out "$folder/longrun.h5"
check "has a page" report "$folder/longrun.h5" -o "$folder/long"
size=$(stat -c %s "$folder/long/report.html")
check "below 5 MB as well ($size)" test "$size" -lt 5000000
leader=$(sed -n 's/.*"leader": *"\([^"]*\)".*/\1/p; s/.*"leader":"\([^"]*\)".*/\1/p' "$folder/long/report.json" | head -n 1)
check_output "with the profile of the mutations and of the leader (${leader:-none})" "\\[-1000,\"mutations\",.*\\[-1000,\"${leader:-none}\"," cat "$folder/long/report.html"

# --- other ways to Vega ---
check "a page without Vega" report "$folder/run.h5" --out "$folder/plain" --vega none --examples 2
check "is smaller" test "$(stat -c %s "$folder/plain/report.html")" -lt "$(stat -c %s "$page")"
absent=$folder/never/summary.tsv expect_failure 1 "$folder holds neither .*libjs-vega nor vega.min.js" "Vega that is not where it should be" \
    report "$folder/run.h5" --out "$folder/never" --vega "$folder"
mkdir "$folder/bin"
cp "$MUTAGREE" "$folder/bin"
expect_failure 1 'report/page.html, .*MUTAGREE_SHARE' "parts that are not installed" \
    env MUTAGREE_SHARE="$folder" "$folder/bin/mutagree" report "$folder/run.h5" --out "$folder/parts"

# --- names that would like to be more than names ---
owned='</script><script>document.title=`owned`</script>'
names=("one$owned" 'two <img src=x onerror=document.title=`owned`>: 7' "three\"> <svg onload=document.title='owned'>{{vega}}:7"
    'gène  东 &amp;')
bases=$(gzip -dc share/example/transcripts.fa.gz | grep -v '>' | head -n 5 | tr -d '\n')
for k in "${!names[@]}"; do printf '%s\t%s\n' "${names[k]}" "${bases:k:203}"; done >"$folder/names.txt"
check "windows with hostile names" "$MUTAGREE" scan --windows "$folder/names.txt" --methods 'lrp saliency' --quiet --bootstrap 100 \
    --store contribution --out "$folder/names.h5"
for name in "${names[@]}"; do
    check_output "one is shown by its name: $name" '^.+   no label, F = ' report "$folder/names.h5" --window "$name"
done
# A visitor who searches, turns the page over and saves a figure; what happened is left in attributes of <html>.
cp -r share "$folder/share"
cat >>"$folder/share/report/page.js" <<'EOF'
document.addEventListener("DOMContentLoaded", () => {
  const find = (selector) => document.querySelector(selector), note = document.documentElement.dataset;
  find("#window-search").value = "THREE";
  find("#window-search").dispatchEvent(new Event("input"));
  note.searched = find("#window-view h3").textContent.slice(0, 5) + " " + find("#window-select").options.length;
  find("#window-search").value = "";
  find("#window-search").dispatchEvent(new Event("input"));
  find("[aria-label='Next window']").click();
  note.turned = find("#window-view h3").textContent.slice(0, 5) + " " + find("#window-select").options.length;
  find("#window-select").value = "gène  东 &amp;";
  find("#window-select").dispatchEvent(new Event("change"));
  note.chosen = find("#window-view h3").textContent;
  const narrow = find("#figure-window svg").viewBox.baseVal.width;
  find("#window-zoom").value = "16";
  find("#window-zoom").dispatchEvent(new Event("change"));
  note.zoomed = find("#figure-window svg").viewBox.baseVal.width > 2 * narrow ? "wider" : "as before";
  find("#theme").click();
  note.saved = standaloneSvg(find("#figure-window svg")).text.includes("var(") ? "with names of colours" : "with colours";
});
EOF
MUTAGREE_SHARE=$folder/share check "have a page, here without Vega" report "$folder/names.h5" -o "$folder/names" --vega none \
    --window "${names[1]}" --window "${names[0]}"

# --- in a browser ---
# Opens a page and writes what became of it to DOM, what the browser said to LOG.
browse() { # PAGE DOM LOG [OPTION...]
    local page=$1 dom=$2 log=$3 home
    shift 3
    home=$(mktemp -d) || return
    timeout -k 5 100 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --user-data-dir="$home" --host-resolver-rules='MAP * ~NOTFOUND' \
        --enable-logging=stderr "$@" --dump-dom "file://$page" >"$dom" 2>"$log"
    local status=$?
    rm -rf "$home"
    return $status
}

# The part of a page from the figure ID to the next one.
figure() { # DOM ID
    tr '\n' ' ' <"$1" | sed 's/<figure /\n<figure /g' | grep "^<figure id=\"figure-$2\""
}

# MEAN LO HI of a method in the agreement that the answer is about.
summary_numbers() { # summary.json METHOD
    awk -v method="$2" '
        { gsub(/[",]/, "") }
        $1 == "{" { delete v }
        NF == 2 { v[$1] = $2 }
        $1 ~ /^}/ && v["method:"] == method && v["metric:"] == "spearman" && v["region:"] == "all" && v["group:"] == "annotated" && ("mean:" in v) {
            print v["mean:"], v["lo:"], v["hi:"]; exit }' "$1"
}

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$browser" ] || ! grep -q mgModule.\"vega "$page"; then
    skip "the page in a browser" "no chromium, or no Vega"
    finish
    exit
fi
dom=$folder/dom.html log=$folder/log.txt
check "a browser opens it" browse "$page" "$dom" "$log"
check_output "the page says that it is done" 'data-ready="yes"' cat "$dom"
check "without a word on the console" bash -c "! grep -E 'CONSOLE' '$log'"
check_output "and without trouble" 'id="troubles" role="alert"></div>' cat "$dom"
charts=(agreement curves choices ranks wins profile classes codons flips-class flips-base flips-position auroc completeness)
for id in "${charts[@]}" kozak window; do
    check_output "$id is drawn" 'data-drawn="yes".*<svg.*<(path|rect|line|circle)' figure "$dom" "$id"
done
for id in "${charts[@]}"; do
    check_output "$id is a chart of Vega, with a text for those who do not see it" 'aria-label="[^"]{20}.*<svg[^>]* class="marks"' figure "$dom" "$id"
    check_output "$id has a table behind it" '<details>.*<table>.*<td' figure "$dom" "$id"
done
for method in saliency deeplift lrp; do
    read -r mean lo hi <<<"$(summary_numbers "$folder/one/summary.json" $method)"
    check_output "numbers of $method are those of summary.json ($mean)" \
        "data-value=\"${mean:-none}\".*data-value=\"${lo:-none}\".*data-value=\"${hi:-none}\"" figure "$dom" agreement
done
check_output "the window that was asked for is shown first" 'aria-label="[^"]*ENST00000513300\.5' figure "$dom" window
letters=$(figure "$dom" window | grep -o 'fill="var(--base-[ACGT])"' | wc -l)
check "letters of eight logos ($letters)" test "$letters" -gt 800
check_output "strongest mutations by their HGVS names" 'c\.-?[0-9]+[ACGT]&gt;[ACGT]' cat "$dom"

check "a browser opens hostile names" browse "$folder/names/report.html" "$dom" "$log"
check_output "which stay text" '&lt;/script&gt;&lt;script&gt;document\.title' cat "$dom"
check_output "and do nothing" '<title>names\.h5: mutagree report</title>' cat "$dom"
check_output "three scripts are in the page, no image" '^3 0$' bash -c "echo \$(grep -o '<script' '$dom' | wc -l) \$(grep -o '<img' '$dom' | wc -l)"
check_output "the page is done, with its tables" 'data-ready="yes"' cat "$dom"
check_output "a search leaves one window" 'data-searched="three 1"' cat "$dom"
check_output "the next window comes" 'data-turned="[^"]+ [456]"' cat "$dom"
check_output "a window is chosen by its name" 'data-chosen="gène  东 &amp;amp;"' cat "$dom"
check_output "zoomed in, a window is wider" 'data-zoomed="wider"' cat "$dom"
check_output "dark after a click, and saved in its colours" 'data-theme="dark".*data-saved="with colours"' cat "$dom"
check "in silence" bash -c "! grep -E 'CONSOLE' '$log'"
finish
