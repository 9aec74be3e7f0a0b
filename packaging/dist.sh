#!/usr/bin/env bash
# Builds a release: dist/glyph-VERSION-TARGET.tar.gz, the folder it is made of, and dist/SHA256SUMS.
#
# The program is statically linked, so that it runs on any Linux of its architecture: for musl where
# Rust's musl target and a C compiler for it are installed, else for glibc. Prefer musl for releases: a
# program that is statically linked to glibc still looks for glibc's plugins when it resolves a host
# name, which only the download of a data set does.
#
# It needs what the build needs, GNU tar, and Python for the list of licences.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
    echo "error: $*" >&2
    exit 1
}

host=$(rustc -vV | sed -n 's/^host: //p')
case "$host" in
    *-unknown-linux-*) ;;
    *) fail "$host: a statically linked program can only be built on Linux" ;;
esac
musl=${host%-*}-musl

# Whether Rust can build for musl here, and the C code of the allocator too.
has_musl() {
    local compiler="CC_${musl//-/_}"
    [ -d "$(rustc --print sysroot)/lib/rustlib/$musl/lib" ] &&
        { [ -n "${!compiler:-}" ] || command -v musl-gcc >/dev/null; }
}

# The paths of dependencies are in panic messages: make them the same wherever the program is built.
flags="-C target-feature=+crt-static --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"
if has_musl; then
    target=$musl
else
    target=$host
    # The crate getrandom looks for the function of that name with dlsym, which fails in a program that is
    # statically linked to glibc, and would then need /dev/random. This makes it call the function directly.
    flags+=' --cfg=getrandom_backend="linux_getrandom"'
fi

# Without --target, the flags would also apply to procedural macros, which cannot be static.
export RUSTFLAGS="${RUSTFLAGS:-} $flags"
cargo build --locked -p glyph --bin glyph --profile dist --target "$target"
program="${CARGO_TARGET_DIR:-target}/$target/dist/glyph"

dynamic=$(readelf --wide --dynamic --program-headers "$program" | grep -E '\(NEEDED\)|INTERP' || true)
[ -z "$dynamic" ] || fail "$program is not statically linked:
$dynamic"

version=$("$program" --version)
name="glyph-${version#glyph }-$target"
folder="dist/$name"
rm -rf "$folder"
mkdir -p "$folder/completions" "$folder/man/man1"
cp "$program" README.md LICENSE-APACHE LICENSE-MIT "$folder"
cp crates/data/mnist/README.md "$folder/LICENSE-MNIST.md"
python3 -B packaging/dependency_licenses.py "$target" >"$folder/LICENSES-DEPENDENCIES.txt"
# The names under which each shell looks for completions.
"$program" completions bash >"$folder/completions/glyph.bash"
"$program" completions zsh >"$folder/completions/_glyph"
"$program" completions fish >"$folder/completions/glyph.fish"
"$program" completions elvish >"$folder/completions/glyph.elv"
"$program" completions powershell >"$folder/completions/_glyph.ps1"
"$program" man --output "$folder/man/man1"

# The same bytes from the same files: sorted, and with the commit's time, one owner and plain modes.
time=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
tar --directory dist --sort=name --mtime="@$time" --owner=0 --group=0 --numeric-owner \
    --mode=u=rwX,go=rX --format=ustar --create "$name" | gzip --no-name --best >"$folder.tar.gz"
(cd dist && sha256sum -- "$name.tar.gz" >SHA256SUMS)
cat dist/SHA256SUMS
