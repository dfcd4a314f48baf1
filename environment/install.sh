#!/bin/bash
# environment/install.sh  install what mutagree needs and this machine lacks
#
# Debian and Ubuntu: through apt-get, as root or with sudo; asks nothing. Elsewhere it says what to install, and fails
# when something is missing. Does nothing, quickly, when all is there. `install.sh tests` also installs what only tests
# want; they are skipped where it cannot be had.
set -euo pipefail

# what is looked for (a command, or a pkg-config module), and the Debian package that brings it
needs='
command   gcc            build-essential
command   make           build-essential
command   pkg-config     pkg-config
command   mpicc          libopenmpi-dev
command   mpirun         openmpi-bin
module    hdf5-openmpi   libhdf5-openmpi-dev
module    gsl            libgsl-dev
module    htslib         libhts-dev
module    jansson        libjansson-dev
module    libzip         libzip-dev
module    libprotobuf-c  libprotobuf-c-dev
command   protoc-c       protobuf-c-compiler
module    libmd          libmd-dev
module    cairo          libcairo2-dev
module    cmocka         libcmocka-dev
'
# ... that is wanted but not needed: the report's charts, and for tests a browser to look at them
wants='
file      /usr/share/javascript/vega/vega-util.min.js   libjs-vega
'
if [ "${1:-}" = tests ]; then wants+='
command   chromium       chromium
'; fi

have_module() {
    case $1 in
        # outside Debian the parallel HDF5 has the plain name
        hdf5-openmpi) pkg-config --exists hdf5-openmpi || { [ ! -e /etc/debian_version ] && pkg-config --exists hdf5; } ;;
        *) pkg-config --exists "$1" ;;
    esac
}

missing_packages() { # LIST
    local kind what package
    while read -r kind what package; do
        case $kind in
            command) command -v "$what" >/dev/null 2>&1 || echo "$package" ;;
            file) [ -e "$what" ] || echo "$package" ;;
            module) have_module "$what" 2>/dev/null || echo "$package" ;;
        esac
    done <<<"$1" | sort -u
}

install_with_apt() {
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || { echo "as root: apt-get install $*" >&2; return 1; }
        as_root=(sudo)
        # nobody is there to type a password
        if [ -n "${CI:-}" ] || [ ! -t 0 ]; then as_root+=(-n); fi
    fi
    as_root+=(env DEBIAN_FRONTEND=noninteractive)
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

print_hints() {
    cat >&2 <<'EOF'
Install Open MPI, parallel HDF5, GSL, htslib, jansson, libzip, protobuf-c, libmd, cairo and (for the tests) cmocka; for the charts of
reports also Vega (npm install vega@5 vega-interpreter@1, then --vega or MUTAGREE_VEGA names the folder):
  Fedora, RHEL   dnf install gcc make pkgconf openmpi-devel hdf5-openmpi-devel gsl-devel htslib-devel jansson-devel \
                 libzip-devel protobuf-c-devel libmd-devel cairo-devel libcmocka-devel; module load mpi/openmpi-x86_64
  macOS          brew install gcc pkg-config open-mpi hdf5-mpi gsl htslib jansson libzip protobuf-c libmd cairo cmocka coreutils
  Spack          spack env activate environment && spack install      (environment/spack.yaml)
  conda          conda env create -f environment/conda.yml
  Apptainer      apptainer build mutagree.sif environment/apptainer.def
EOF
}

# A machine without them is no failure: reports have no charts then, or tests are skipped.
mapfile -t wanted < <(missing_packages "$wants")
if [ ${#wanted[@]} -gt 0 ] && command -v apt-get >/dev/null; then
    echo "missing: ${wanted[*]}" >&2
    install_with_apt "${wanted[@]}" || echo "going on without: ${wanted[*]}" >&2
fi

mapfile -t missing < <(missing_packages "$needs")
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi
echo "missing: ${missing[*]}" >&2
if ! command -v apt-get >/dev/null; then
    print_hints
    exit 1
fi
install_with_apt "${missing[@]}" || { print_hints; exit 1; }

mapfile -t missing < <(missing_packages "$needs")
if [ ${#missing[@]} -gt 0 ]; then
    echo "still missing after apt-get: ${missing[*]}" >&2
    exit 1
fi
echo 'installed what was missing' >&2
