#!/bin/bash
# i93  make install puts everything in place, and make uninstall takes it away
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"

# A copy, so that another PREFIX does not rebuild a file in the build folder that is under test.
mkdir "$folder/build"
tar -C "$BUILD" --exclude=./san --exclude=./clang -cf - . | tar -C "$folder/build" -xf -
run_make() { make -s BUILD="$folder/build" PREFIX=/opt/mg DESTDIR="$folder/root" "$@"; }
at=$folder/root/opt/mg
check "make install" run_make install
check_output "the installed program runs" '^mutagree ' "$at/bin/mutagree" --version
for file in share/mutagree/example/transcripts.fa.gz share/mutagree/example/LICENSE share/mutagree/report/page.html share/doc/mutagree/LICENSE \
    share/man/man1/mutagree.1 share/man/man1/mutagree-scan.1; do
    check "$file is there" test -s "$at/$file"
done
if command -v man >/dev/null && command -v groff >/dev/null; then
    check_output "the manual page is well made" '^0$' \
        bash -c "man --warnings -E UTF-8 -l '$at'/share/man/man1/*.1 2>&1 >/dev/null | grep -vc 'manpath' || true"
else
    skip "the manual page is well made" "no man"
fi
check "make uninstall" run_make uninstall
check_output "nothing is left" "^0$" bash -c "find '$folder/root' -type f | wc -l"
finish
