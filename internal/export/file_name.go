package export

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Folder is where files of records lie in a package.
const Folder = "dateien/"

// Names makes names for files of records, each once.
type Names struct{ taken map[string]bool }

// Path names a file of a system: "dateien/stk-media/Foto am See.jpg". What no
// program may open for what it is not, or can't be written on every system, is
// changed; the ending stays. A file without a name is a "datei". Two names that
// differ in capitals alone are one on many systems.
func (n *Names) Path(system, name string) string {
	if n.taken == nil {
		n.taken = map[string]bool{}
	}
	stem, ending := safe(name)
	for i := 1; ; i++ {
		p := Folder + system + "/" + stem
		if i > 1 {
			p += " (" + strconv.Itoa(i) + ")"
		}
		if p += ending; !n.taken[strings.ToLower(p)] {
			n.taken[strings.ToLower(p)] = true
			return p
		}
	}
}

const (
	longestName   = 100 // bytes without the ending: some systems take 255 for the whole
	longestEnding = 10
)

// devices are names that Windows takes for devices, whatever their ending.
var devices = []string{"con", "prn", "aux", "nul", "com0", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
	"lpt0", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9"}

// running are endings that a double click runs, or that a browser runs as part of
// a page. They get one more.
var running = []string{".bat", ".cmd", ".com", ".cpl", ".exe", ".hta", ".htm", ".html", ".jar", ".js", ".jse", ".lnk", ".mht", ".mhtml", ".msc", ".msi", ".pif",
	".ps1", ".reg", ".scf", ".scr", ".sh", ".svg", ".url", ".vb", ".vbe", ".vbs", ".wsf", ".wsh", ".xht", ".xhtml"}

func safe(name string) (stem, ending string) {
	name = strings.ToValidUTF8(name, "_")
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(`<>:"|?*`, r), unicode.IsControl(r):
			return '_'
		// Signs without width may turn a name around: "gpj.exe" reads as "exe.jpg".
		case unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp):
			return -1
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, name)
	name = strings.Trim(norm.NFC.String(name), ". ")
	ending = path.Ext(name)
	if len(ending) < 2 || len(ending) > longestEnding || strings.Trim(strings.ToLower(ending[1:]), "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		ending = ""
	}
	stem = strings.TrimRight(cut(strings.TrimSuffix(name, ending), longestName), ". ")
	switch first, _, _ := strings.Cut(strings.ToLower(stem), "."); {
	case stem == "" || strings.Trim(stem, "_ ") == "":
		stem = "datei"
	case slices.Contains(devices, strings.TrimSpace(first)):
		stem = "_" + stem
	}
	switch {
	case ending == "":
		ending = ".bin"
	case slices.Contains(running, strings.ToLower(ending)):
		ending += ".bin"
	}
	return stem, ending
}

// cut shortens a text to so many bytes, without cutting a sign in two.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}
