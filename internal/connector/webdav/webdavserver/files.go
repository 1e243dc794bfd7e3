package webdavserver

import (
	"bytes"
	"context"
	"encoding/xml"
	"io/fs"
	"iter"
	"maps"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/webdav"
)

// files is the share as a file system. Folders are never held as a whole.
type files struct{ *Server }

func (files) Mkdir(context.Context, string, os.FileMode) error           { return errReadOnly }
func (files) Rename(context.Context, string, string) error               { return errReadOnly }
func (f files) Stat(_ context.Context, name string) (os.FileInfo, error) { return f.look(name) }

func (f files) OpenFile(_ context.Context, name string, flag int, _ os.FileMode) (webdav.File, error) {
	if flag&(os.O_WRONLY|os.O_CREATE|os.O_TRUNC) != 0 { // O_RDWR: properties
		return nil, errReadOnly
	}
	i, err := f.look(name)
	if err != nil {
		return nil, err
	}
	return &open{files: f, info: i, path: f.follow(clean(name)), Reader: bytes.NewReader(i.file.Content)}, nil
}

// RemoveAll deletes one file, and no folder.
func (f files) RemoveAll(_ context.Context, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.options.Files[clean(name)]; !ok {
		return errReadOnly
	}
	delete(f.options.Files, clean(name))
	return nil
}

// follow goes through the links.
func (f files) follow(name string) string {
	for range 100 {
		next := name
		for from, to := range f.options.Links {
			if name == from || strings.HasPrefix(name, from+"/") {
				next = clean(to + strings.TrimPrefix(name, from))
			}
		}
		if next == name {
			break
		}
		name = next
	}
	return name
}

func (f files) look(name string) (info, error) {
	shown := path.Base(clean(name))
	name = f.follow(clean(name))
	f.mu.Lock()
	defer f.mu.Unlock()
	if file, ok := f.options.Files[name]; ok {
		return info{name: shown, file: file}, nil
	}
	if folder, ok := f.options.Folders[path.Dir(name)]; ok {
		if file, ok := folder.File(path.Base(name)); ok {
			return info{name: shown, file: file}, nil
		}
	}
	if _, ok := f.options.Folders[name]; ok || name == "/" || f.hasBelow(name) {
		return info{name: shown, dir: true}, nil
	}
	return info{}, fs.ErrNotExist
}

func (f files) hasBelow(name string) bool {
	below := func(p string) bool { return strings.HasPrefix(p, name+"/") }
	for p := range f.options.Files {
		if below(p) {
			return true
		}
	}
	for p := range f.options.Folders {
		if below(p) {
			return true
		}
	}
	return false
}

// names lists a folder, in no order that means anything.
func (f files) names(folder string) iter.Seq[string] {
	f.mu.Lock()
	defer f.mu.Unlock()
	var children []string
	add := func(p string) {
		rest, ok := strings.CutPrefix(p, strings.TrimSuffix(folder, "/")+"/")
		if child, _, _ := strings.Cut(rest, "/"); ok && child != "" && !slices.Contains(children, child) {
			children = append(children, child)
		}
	}
	seen := map[string]bool{}
	for p := range f.options.Files {
		if rest, ok := strings.CutPrefix(p, strings.TrimSuffix(folder, "/")+"/"); ok {
			if child, _, _ := strings.Cut(rest, "/"); !seen[child] {
				seen[child] = true
				children = append(children, child)
			}
		}
	}
	for p := range f.options.Folders {
		add(p)
	}
	for p := range f.options.Links {
		add(p)
	}
	madeUp := f.options.Folders[folder]
	return func(yield func(string) bool) {
		for _, c := range children {
			if !yield(c) {
				return
			}
		}
		if madeUp != nil {
			madeUp.Names()(yield)
		}
	}
}

func clean(name string) string { return path.Clean("/" + name) }

// open is a file or folder that is being read.
type open struct {
	files
	info
	path string
	*bytes.Reader
}

func (o *open) Close() error               { return nil }
func (o *open) Write([]byte) (int, error)  { return 0, errReadOnly }
func (o *open) Stat() (os.FileInfo, error) { return o.info, nil }

func (o *open) Readdir(int) ([]os.FileInfo, error) {
	var all []os.FileInfo
	for name := range o.files.names(o.path) {
		all = append(all, listed(name))
	}
	return all, nil
}

// DeadProps are what WebDAV calls properties that a server only keeps.
func (o *open) DeadProps() (map[xml.Name]webdav.Property, error) {
	props := map[xml.Name]webdav.Property{}
	if owner := o.info.file.Owner; owner != "" {
		var text bytes.Buffer
		_ = xml.EscapeText(&text, []byte(owner))
		name := xml.Name{Space: "http://owncloud.org/ns", Local: "owner-id"}
		props[name] = webdav.Property{XMLName: name, InnerXML: text.Bytes()}
		name = xml.Name{Space: "DAV:", Local: "owner"}
		href := `<D:href xmlns:D="DAV:">/principals/users/` + text.String() + `/</D:href>`
		props[name] = webdav.Property{XMLName: name, InnerXML: []byte(href)}
	}
	for name, text := range o.info.file.properties {
		props[name] = webdav.Property{XMLName: name, InnerXML: text}
	}
	return props, nil
}

// Patch sets and removes properties, all or none: only those that the server just
// keeps, and only of files that are not made up.
func (o *open) Patch(patches []webdav.Proppatch) ([]webdav.Propstat, error) {
	o.files.mu.Lock()
	defer o.files.mu.Unlock()
	file, ok := o.files.options.Files[o.path]
	if !ok {
		return nil, errReadOnly
	}
	all := maps.Clone(file.properties)
	if all == nil {
		all = map[xml.Name][]byte{}
	}
	done := webdav.Propstat{Status: http.StatusOK}
	for _, p := range patches {
		for _, one := range p.Props {
			if one.XMLName.Space == "DAV:" || one.XMLName.Local == "owner-id" {
				return []webdav.Propstat{{Status: http.StatusForbidden, Props: []webdav.Property{{XMLName: one.XMLName}}}}, nil
			}
			done.Props = append(done.Props, webdav.Property{XMLName: one.XMLName})
			if all[one.XMLName] = one.InnerXML; p.Remove {
				delete(all, one.XMLName)
			}
		}
	}
	file.properties = all
	o.files.options.Files[o.path] = file
	return []webdav.Propstat{done}, nil
}

// info describes a file.
type info struct {
	name string
	dir  bool
	file File
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return int64(len(i.file.Content)) }
func (i info) ModTime() time.Time { return i.file.Modified }
func (i info) IsDir() bool        { return i.dir }
func (i info) Sys() any           { return nil }
func (i info) Mode() os.FileMode {
	if i.dir {
		return os.ModeDir | 0o555
	}
	return 0o444
}

// listed is a name in a listing; the server looks up the rest by itself.
type listed string

func (l listed) Name() string       { return string(l) }
func (l listed) Size() int64        { return 0 }
func (l listed) ModTime() time.Time { return time.Time{} }
func (l listed) IsDir() bool        { return false }
func (l listed) Sys() any           { return nil }
func (l listed) Mode() os.FileMode  { return 0o444 }
