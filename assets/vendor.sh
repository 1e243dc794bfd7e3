#!/bin/sh
# Recreates the vendored parts of this folder from the npm registry: KERN UX
# css with its icons as files, Fira Sans, htmx. Run it to move to a new
# version; neither building nor running the portal needs it.
#
# KERN UX carries its 94 icon rules as data: URIs. They become files, so that
# the Content-Security-Policy stays plain 'self'. Nothing else is changed.
set -eu
KERN=2.7.2
HTMX=2.0.11
FIRA=5.3.0 # @fontsource/fira-sans, for the licence text only

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fetch() { # fetch PACKAGE VERSION FOLDER
	mkdir "$3"
	tar xzf "$(npm pack --silent "$1@$2")" -C "$3" --strip-components=1
}
fetch @kern-ux/native "$KERN" kern
fetch htmx.org "$HTMX" htmx
fetch @fontsource/fira-sans "$FIRA" fira

rm -rf "$here/kern" "$here/htmx" "$here/fira-sans"
mkdir -p "$here/kern/icons" "$here/htmx" "$here/fira-sans"

cp kern/LICENSE.md "$here/kern/LICENSE.md"
node - kern/dist/kern.css kern/dist/kern.min.css "$here/kern" <<'JS'
const fs = require("fs");
const crypto = require("crypto");
const [, , readable, minified, out] = process.argv;

// Names come from the readable css: the icon class that a rule belongs to.
const names = new Map();
let last = "";
for (const line of fs.readFileSync(readable, "utf8").split("\n")) {
	const icon = line.match(/\.kern-icon--([a-z-]+)/);
	if (icon) last = icon[1];
	const uri = line.match(/url\(\s*"(data:image\/svg\+xml,[^"]*)"/);
	if (uri && line.includes("mask") && last && !names.has(uri[1]) && ![...names.values()].includes(last)) names.set(uri[1], last);
	if (line.startsWith("}")) last = "";
}
const css = fs.readFileSync(minified, "utf8").replace(/url\(\s*"(data:image\/svg\+xml,[^"]*)"\s*\)/g, (_, uri) => {
	const svg = decodeURIComponent(uri.slice("data:image/svg+xml,".length));
	const name = names.get(uri) || "x" + crypto.createHash("sha256").update(svg).digest("hex").slice(0, 8);
	fs.writeFileSync(`${out}/icons/${name}.svg`, svg + "\n");
	return `url("icons/${name}.svg")`;
});
if (css.includes("data:")) throw new Error("a data: URI is left in kern.min.css");
fs.writeFileSync(`${out}/kern.min.css`, css);
JS
cat > "$here/kern/README.md" <<README
KERN UX, @kern-ux/native $KERN, licensed under the EUPL-1.2 (LICENSE.md).
Source: https://gitlab.opencode.de/kern-ux/kern-ux-plain
Changed here, by ../vendor.sh: the icons stand in files instead of data: URIs.
README

for weight in Regular Medium SemiBold; do
	cp "kern/dist/fonts/fira-sans/FiraSans-$weight.woff2" "$here/fira-sans/"
	chmod 644 "$here/fira-sans/FiraSans-$weight.woff2"
done
{
	echo "Copyright (c) 2012-2015, The Mozilla Foundation and Telefonica S.A."
	tail -n +2 fira/LICENSE
} > "$here/fira-sans/OFL.txt"
cat > "$here/fira-sans/README.md" <<README
Fira Sans as shipped with @kern-ux/native $KERN, licensed under the SIL Open Font License 1.1 (OFL.txt).
Only the weights that the css asks for: 400, 500 and 600, upright.
README

cp htmx/dist/htmx.min.js htmx/LICENSE "$here/htmx/"
cat > "$here/htmx/README.md" <<README
htmx $HTMX, htmx.org on npm, Zero-Clause BSD (LICENSE). Unchanged.
README
