#!/bin/bash
# tests/tools/arm64.sh [FOLDER]  build for arm64 on a Debian machine of another kind, and test what was built under QEMU
#
# Needs gcc-aarch64-linux-gnu, qemu-user-static and pkg-config; no root, and the machine's own packages stay as they
# are: the arm64 libraries are unpacked in FOLDER/sysroot [build/arm64]. Runs the unit tests (SEARCH=word: only some),
# then the scan of the example data, and compares its numbers with those that this machine's kernels with FMA give.
# Emulation is slow: a test may take TEST_TIMEOUT seconds [1800]. On an arm64 machine `make check` is all one needs.
set -euo pipefail
cd "$(dirname "$0")/../.."
. environment/env.sh
folder=$(realpath -m "${1:-build/arm64}")
target=aarch64-linux-gnu
sysroot=$folder/sysroot
libraries=$sysroot/usr/lib/$target
modules=(hdf5-openmpi gsl htslib jansson libzip libmd cairo)
packages=(libopenmpi-dev libhdf5-openmpi-dev libgsl-dev libhts-dev libjansson-dev libzip-dev libmd-dev libcairo2-dev libcmocka-dev
    libc6-dev libgcc-12-dev)

for tool in $target-gcc qemu-aarch64-static pkg-config apt-get; do
    command -v $tool >/dev/null || { echo "arm64.sh: $tool is missing" >&2; exit 1; }
done

# apt-get with lists, cache and a list of installed packages of its own (an empty one, so that all is fetched)
apt_arm64() {
    apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Install-Recommends=0 \
        -o APT::Sandbox::User="$(id -un)" -o Dir::State="$folder/apt" -o Dir::State::status="$folder/apt/status" \
        -o Dir::Cache="$folder/apt/cache" "$@"
}

# Absolute links would lead out of the sysroot.
turn_links() {
    local link to
    find "$sysroot" -type l -lname '/*' -printf '%p %l\n' | while read -r link to; do
        ln -sfn "$(realpath -m --relative-to="$(dirname "$link")" "$sysroot$to")" "$link"
    done
}

make_sysroot() {
    local package
    mkdir -p "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial" "$sysroot.part"
    : >"$folder/apt/status"
    apt_arm64 update
    apt_arm64 -y --download-only install "${packages[@]}"
    for package in "$folder"/apt/cache/archives/*.deb; do dpkg -x "$package" "$sysroot.part"; done
    mv "$sysroot.part" "$sysroot"
    turn_links
    rm -r "$folder/apt"
}

cross_make() {
    export PKG_CONFIG_SYSROOT_DIR=$sysroot PKG_CONFIG_LIBDIR=$libraries/pkgconfig:$sysroot/usr/share/pkgconfig
    make -s -j"$(nproc)" BUILD="$folder/build" CC="$target-gcc --sysroot=$sysroot" AR=$target-ar \
        PKG_CFLAGS="$(pkg-config --cflags "${modules[@]}")" \
        PKG_LIBS="$(pkg-config --libs "${modules[@]}") -Wl,-rpath-link,$libraries" "$@"
}

# What tests/run starts in place of an arm64 program
wrap() { # PROGRAM...
    local program name
    for program in "$@"; do
        name=$folder/emulated/${program#"$folder/build/"}
        mkdir -p "$(dirname "$name")"
        printf '#!/bin/sh\nexec qemu-aarch64-static -L "%s" "%s" "$@"\n' "$sysroot" "$program" >"$name"
        chmod +x "$name"
    done
}

scan() { # PROGRAM FILE
    MUTAGREE_SHARE=share timeout -k 10 1800 "$1" scan --quiet --force --out "$2" \
        --transcripts share/example/transcripts.fa.gz --annotation share/example/annotation.gtf.gz
}

[ -d "$sysroot" ] || make_sysroot
(cross_make all test-programs)
rm -rf "$folder/emulated"
mapfile -t programs < <(find "$folder/build/tests" -name 'test_*' -type f -executable | sort)
wrap "$folder/build/mutagree" "${programs[@]}"
"$folder/emulated/mutagree" --version

status=0
BUILD=$folder/emulated TEST_TIMEOUT=${TEST_TIMEOUT:-1800} tests/run "${programs[@]/#"$folder/build"/$folder/emulated}" ||
    status=1

make -s -j"$(nproc)" BUILD="$folder/native" all
scan "$folder/emulated/mutagree" "$folder/arm64.h5"
MUTAGREE_ISA=avx2 scan "$folder/native/mutagree" "$folder/avx2.h5"
"$folder/native/mutagree" diff "$folder/arm64.h5" "$folder/avx2.h5" >"$folder/difference" || [ $? -eq 1 ]
# The summary's intervals go through GSL, whose own arithmetic is fused on arm64 and not here: last bits may differ.
if awk '/^\/(windows|mutation|attribution|agreement)\// { n++; differ += $3 != "0"; print }
        /^\/summary\// { print }
        END { exit n == 0 || differ }' "$folder/difference"; then
    echo "the example's windows: arm64 gives the bits of AVX2"
else
    echo "the example's windows: arm64 and AVX2 differ (see $folder/difference)"
    status=1
fi
exit $status
