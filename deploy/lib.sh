# Shared by the scripts in this folder: where things are, what must be installed, and how long each part took.
# Sourced by bash, never run.

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

# One build serves the demo and the tests. Override the folder with PRAGMA_BUILD.
build_dir=${PRAGMA_BUILD:-$root/.build}
build_flags=(-c release --scratch-path "$build_dir" -Xswiftc -enable-testing -Xswiftc -warnings-as-errors)
pragma_bin="$build_dir/release/pragma"

say() { printf '\n== %s\n' "$*"; }

# part NAME COMMAND...: runs the command, prints its seconds, and fails with its exit code.
part() {
    local name=$1 start=$SECONDS status=0
    shift
    say "$name"
    "$@" || status=$?
    printf -- '-- %s: %d s%s\n' "$name" $((SECONDS - start)) "$([ $status = 0 ] || printf ', FAILED (%d)' $status)"
    return $status
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; return; fi
    command -v sudo >/dev/null || { echo "this needs root, or sudo: $*" >&2; return 1; }
    sudo "$@"
}

# Installs the Debian packages that are missing among the arguments.
need_debian() {
    local missing=()
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return 0
    command -v apt-get >/dev/null || { echo "please install: ${missing[*]}" >&2; return 1; }
    echo "installing ${missing[*]}"
    as_root apt-get update -qq || return 1
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

need_toolchain() {
    command -v swift >/dev/null || {
        echo "no 'swift' on the PATH: install the Swift 6.3 toolchain from swift.org first" >&2
        return 1
    }
    need_debian libzmq3-dev liblz4-dev libzstd-dev zlib1g-dev libsqlite3-dev git ca-certificates
}

build_pragma() { swift build "${build_flags[@]}" --product pragma; }
