// Package assets holds what the pages look like: style sheets, icons, fonts and
// scripts, all shipped inside the program, so that no visitor is sent to a third
// party for them.
//
// Every file is served under a name that carries a hash of its content
// ("einsicht.css" as /assets/einsicht.1f0c….css) and may be kept for ever; a new
// version of the file has a new name. References from one style sheet to icons
// and fonts are rewritten to those names at start.
package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// Prefix is the path under which the assets are served.
const Prefix = "/assets/"

//go:embed *.css *.svg *.js kern/*.css kern/icons/*.svg fira-sans/*.woff2 htmx/*.js
var files embed.FS

// File is one asset as it is served.
type File struct {
	Type    string // media type for the header
	Content []byte
	Gzip    []byte // nil where compressing gains nothing
}

var served, paths = mustHash(files)

// Path returns the address of an asset by its name in this folder:
// "einsicht.css", "kern/icons/add.svg". A name that does not exist panics: it
// is a slip of the program, found by the first test that renders the page.
func Path(name string) string {
	p, ok := paths[name]
	if !ok {
		panic("assets: there is no " + name)
	}
	return p
}

// Open returns the asset behind an address such as /assets/einsicht.1f0c….css.
func Open(address string) (File, bool) {
	f, ok := served[address]
	return f, ok
}

// Names lists the addresses of all assets.
func Names() []string {
	all := make([]string, 0, len(served))
	for a := range served {
		all = append(all, a)
	}
	return all
}

var types = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
}

// mustHash reads style sheets last: their own hash covers the hashed names of
// the icons and fonts they refer to.
func mustHash(fsys fs.FS) (served map[string]File, paths map[string]string) {
	served, paths = map[string]File{}, map[string]string{}
	add := func(name string, content []byte) {
		ext := path.Ext(name)
		sum := sha256.Sum256(content)
		address := Prefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:8]) + ext
		paths[name] = address
		served[address] = File{Type: types[ext], Content: content, Gzip: compress(ext, content)}
	}
	var sheets []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if path.Ext(name) == ".css" {
			sheets = append(sheets, name)
			return nil
		}
		content, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		add(name, content)
		return nil
	})
	if err != nil {
		panic(err)
	}
	for _, name := range sheets {
		content, err := fs.ReadFile(fsys, name)
		if err != nil {
			panic(err)
		}
		add(name, rewrite(name, content, paths))
	}
	return served, paths
}

var reference = regexp.MustCompile(`url\(\s*["']?([^"')]+)["']?\s*\)`)

func rewrite(sheet string, css []byte, paths map[string]string) []byte {
	return reference.ReplaceAllFunc(css, func(match []byte) []byte {
		target := path.Join(path.Dir(sheet), string(reference.FindSubmatch(match)[1]))
		address, ok := paths[target]
		if !ok {
			panic(fmt.Sprintf("assets: %s refers to %s, which does not exist", sheet, target))
		}
		return []byte(`url("` + address + `")`)
	})
}

func compress(ext string, content []byte) []byte {
	if ext == ".woff2" || len(content) < 1024 {
		return nil
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err)
	}
	if _, err = w.Write(content); err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err)
	}
	return b.Bytes()
}
