#!/bin/bash
# docs/man.sh PROGRAM NAME  write the manual page NAME (mutagree, mutagree-scan, ...) from the program's own --help
set -euo pipefail
program=$1 name=$2
command=${name#mutagree}
command=${command#-}
version=$("$program" --version | awk 'NR == 1 { print $2 }')
if [ -n "$command" ]; then text=$("$program" help "$command"); else text=$("$program" --help); fi

# "Usage: ..." becomes the synopsis, the first paragraph after it the purpose, a heading ("Input:") a section, and the
# rest stays as it was laid out.
awk -v name="$name" -v command="$command" -v version="$version" '
    function quote(s) { gsub(/\\/, "\\e", s); gsub(/-/, "\\-", s); if (s ~ /^[.'\'']/) s = "\\&" s; return s }
    { line[++n] = $0 }
    END {
        usage = ""; purpose = ""; i = 1
        while (i <= n && line[i] !~ /^Usage: /) { if (line[i] != "") purpose = purpose " " line[i]; i++ }
        while (i <= n && line[i] != "") { sub(/^Usage: /, "", line[i]); usage = usage " " line[i]; i++ }
        if (purpose == "") { while (i <= n && line[i] == "") i++
                             while (i <= n && line[i] != "") { purpose = purpose " " line[i]; i++ } }
        gsub(/ +/, " ", usage); sub(/^ /, "", usage); sub(/^ /, "", purpose); sub(/^mutagree: /, "", purpose)
        printf ".TH %s 1 \"\" \"mutagree %s\" \"User commands\"\n", toupper(quote(name)), version
        printf ".SH NAME\n%s \\- %s\n.SH SYNOPSIS\n.nh\n%s\n.SH DESCRIPTION\n.nf\n", quote(name), quote(purpose), quote(usage)
        while (i <= n && line[i] == "") i++
        for (; i <= n; i++) {
            if (line[i] ~ /^[A-Z][A-Za-z ,]*:$/) { sub(/:$/, "", line[i]); printf ".fi\n.SH %s\n.nf\n", toupper(quote(line[i])) }
            else print quote(line[i])
        }
        print ".fi"
        if (command == "") print ".SH SEE ALSO\nEach command has a page of its own: mutagree\\-scan(1) and so on."
        else print ".SH SEE ALSO\nmutagree(1)"
    }' <<<"$text"
