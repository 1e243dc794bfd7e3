#!/bin/sh
# Checks what a compiler doesn't see: the code of the templates is what templ
# makes of them today, and no two migrations carry the same number. Nothing in
# the working tree is touched, so it may hold changes not yet committed.
set -eu
go=${GO:-go}
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

templ=$("$go" tool -n templ)
find . -name '*.templ' ! -path './.git/*' | while read -r file; do
  mkdir -p "$fresh/$(dirname "$file")"
  cp "$file" "$fresh/$file"
done
cp go.mod "$fresh/" # templ names files by their place in the module
(cd "$fresh" && "$templ" generate -log-level error)

stale=$( {
  find . -name '*_templ.go' ! -path './.git/*'
  (cd "$fresh" && find . -name '*_templ.go')
} | sort -u | while read -r file; do
  cmp -s "$file" "$fresh/$file" || echo "  $file"
done)
if [ -n "$stale" ]; then
  printf 'generated code is not fresh, run "make generate":\n%s\n' "$stale" >&2
  exit 1
fi

twice=$(find migrations -name '*.sql' | sed 's|.*/0*\([0-9]*\)_.*|\1|' | sort | uniq -d)
if [ -n "$twice" ]; then
  echo "two migrations carry the number $twice" >&2
  exit 1
fi
