#!/usr/bin/env bash
# Runs the program of a release as packaging/Dockerfile does, without Docker: in a root folder that
# contains nothing but the program and a picture, as a user who may write nowhere.
#
# packaging/check_container.sh [FOLDER]: a folder that packaging/dist.sh left; default: the newest one.
# It needs root, or sudo, for chroot; and curl.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
    echo "error: $*" >&2
    exit 1
}

release=${1:-$(ls -dt dist/glyph-*/ 2>/dev/null | head -n 1 || true)}
[ -x "$release/glyph" ] || fail "no release in dist/: run packaging/dist.sh"
picture=tests/pictures/seven.jpg

sudo=$([ "$(id -u)" = 0 ] || echo sudo)
root=$(mktemp -d)
output=$(mktemp)
server=
clean_up() {
    [ -z "$server" ] || $sudo kill -KILL "$server" 2>/dev/null || true
    rm -rf "$root" "$output"
}
trap clean_up EXIT
chmod 755 "$root"
cp "$release/glyph" "$root/glyph"
cp "$picture" "$root/seven.jpg"

# As in the image: the same user, and no environment.
chroot=$(PATH=$PATH:/usr/sbin command -v chroot)
in_container() { exec $sudo env --ignore-environment "$chroot" --userspec=65532:65532 "$root" /glyph "$@"; }

answer=$(in_container predict /seven.jpg)
echo "$answer"
[[ "$answer" == "/seven.jpg: 7 "* ]] || fail "expected a 7"

in_container serve --bind 127.0.0.1:0 >"$output" &
server=$!
for _ in $(seq 100); do
    url=$(grep -o 'http://[^ ]*' "$output" || true)
    [ -z "$url" ] || break
    sleep 0.1
done
[ -n "${url:-}" ] || fail "the server did not start"
url=${url%/}
curl --silent --show-error --fail --output /dev/null "$url/healthz"
answer=$(curl --silent --show-error --fail --header 'Content-Type: image/jpeg' \
    --data-binary "@$picture" "$url/api/predict")
[[ "$answer" == *'"answer":"7"'* ]] || fail "expected a 7: $answer"
curl --silent --show-error --fail "$url/" | grep --quiet '<title>' || fail "no page at $url/"

$sudo kill -TERM "$server"
code=0
wait "$server" || code=$?
server=
[ "$code" = 0 ] || fail "exit code $code after SIGTERM"
echo "The server answered in an empty root folder, and stopped on SIGTERM."
