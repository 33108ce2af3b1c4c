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

# Whether the package of benchmarks still compiles, without building it: its own sources are checked against the modules that the build of everything
# made (a few seconds), and the imports of the modules that it compiles again against what its manifest says of them.
check_benchmarks() {
    check_benchmark_imports && check_benchmark_sources
}

check_benchmark_sources() {
    local map name flags=() package
    local -A seen=()
    # The modules have `package` access for this package alone, which SwiftPM calls by the name of its folder.
    package=$(basename "$root" | tr '[:upper:]' '[:lower:]')
    while IFS= read -r map; do
        name=$(sed -nE 's/^ *(framework )?module ([A-Za-z0-9_]+).*/\2/p' "$map" | head -1)
        [ -n "$name" ] && [ -z "${seen[$name]:-}" ] || continue
        seen[$name]=1
        flags+=(-Xcc "-fmodule-map-file=$map")
    done < <(
        find Sources -name module.modulemap
        find "$build_dir/checkouts" -path '*/Sources/*' -name module.modulemap | grep -v -e Tests -e Fixtures | sort
        find "$build_dir/release/" -maxdepth 2 -name module.modulemap
    )
    swiftc -typecheck -swift-version 6 -package-name "$package" -parse-as-library -module-name Bench -I "$build_dir/release/Modules" \
        -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility \
        -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature NonisolatedNonsendingByDefault \
        "${flags[@]}" Benchmarks/Sources/Bench/*.swift
}

# A module that the benchmarks compile again must not import another one of ours than their manifest names for it.
check_benchmark_imports() {
    local folder name declared import status=0
    local manifest
    manifest=$(tr '\n' ' ' < Benchmarks/Package.swift)
    for folder in Benchmarks/Sources/*/; do
        name=$(basename "$folder")
        declared=$(grep -oP "(module\\(|name:) *\"$name\"((?!module\(|\.target\(|\.executableTarget\(|\.systemLibrary\().)*" <<< "$manifest" | tr '\n' ' ')
        while IFS= read -r import; do
            [ -d "Sources/$import" ] || [ -d "Sources/Exchanges/$import" ] || continue
            grep -q "\"$import\"" <<< "$declared" && continue
            echo "Benchmarks/Package.swift: module $name imports $import, which its manifest does not name for it" >&2
            status=1
        done < <(find -L "$folder" -name '*.swift' -print0 | xargs -0 -r grep -hoP '^(package |internal |public |private )?import \K\w+' | sort -u)
    done
    return $status
}
