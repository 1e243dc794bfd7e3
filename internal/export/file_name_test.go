package export

import (
	"path"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestFilesKeepTheirNames(t *testing.T) {
	var n Names
	for _, c := range []struct{ name, file, want string }{
		{"a name", "Foto am See.jpg", "Foto am See.jpg"},
		{"the same once more", "Foto am See.jpg", "Foto am See (2).jpg"},
		{"the same in capitals", "FOTO AM SEE.JPG", "FOTO AM SEE (3).JPG"},
		{"letters of German", "Müßiggang.docx", "Müßiggang.docx"},
		{"a letter written as two", "Mu\u0308ll.txt", "Müll.txt"},
		{"a path", "../../etc/passwd", "passwd.bin"},
		{"a path of Windows", `C:\Users\erika\brief.pdf`, "brief.pdf"},
		{"reserved signs", `a<b>c:d"e|f?g*h.txt`, "a_b_c_d_e_f_g_h.txt"},
		{"control signs", "a\nb\x00c.txt", "a_b_c.txt"},
		{"signs that turn a name around", "rechnung\u202Egpj.exe", "rechnunggpj.exe.bin"},
		{"what a double click runs", "start.EXE", "start.EXE.bin"},
		{"a page with scripts", "bild.svg", "bild.svg.bin"},
		{"a device", "con.txt", "_con.txt"},
		{"a device with a blank", "NUL .txt", "_NUL.txt"},
		{"a device with more endings", "aux.tar.gz", "_aux.tar.gz"},
		{"a hidden file", ".profile", "profile.bin"},
		{"dots and blanks around", " . brief . ", "brief.bin"},
		{"no ending", "brief", "brief (2).bin"},
		{"an ending that is none", "Stand 3. Januar", "Stand 3. Januar.bin"},
		{"an ending that is rare", "bild.heic", "bild.heic"},
		{"nothing", "", "datei.bin"},
		{"nothing but signs", "???", "datei (2).bin"},
		{"two dots", "..", "datei (3).bin"},
		{"no text", "br\xffief.pdf", "br_ief.pdf"},
	} {
		if got := n.Path("media", c.file); got != "dateien/media/"+c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	if got := n.Path("mails", "Foto am See.jpg"); got != "dateien/mails/Foto am See.jpg" {
		t.Errorf("another system: got %q", got)
	}
	long := n.Path("media", strings.Repeat("ü", 300)+".pdf")
	if !strings.HasSuffix(long, "ü.pdf") || len(path.Base(long)) > longestName+longestEnding {
		t.Errorf("a long name: got %d bytes, %q", len(path.Base(long)), long)
	}
}

func FuzzFileName(f *testing.F) {
	for _, seed := range []string{"a.pdf", "../x", "con", "a\u202Eb.exe", "ü/ö\\ß.html", " . ", "\xff\xfe", "x.tar.gz", strings.Repeat("ä", 200)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		var n Names
		first, second := n.Path("s", name), n.Path("s", name)
		if first == second {
			t.Errorf("%q twice is %q twice", name, first)
		}
		for _, p := range []string{first, second} {
			base, ok := strings.CutPrefix(p, "dateien/s/")
			switch {
			case !ok, path.Clean(p) != p, strings.ContainsAny(base, `/\<>:"|?*`), !utf8.ValidString(base), !norm.NFC.IsNormalString(base):
				t.Errorf("%q: got %q", name, p)
			case strings.IndexFunc(base, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) >= 0:
				t.Errorf("%q: got signs nobody sees in %q", name, p)
			case len(base) > 130, strings.HasPrefix(base, "."), strings.HasSuffix(base, "."), strings.HasSuffix(base, " "):
				t.Errorf("%q: got %q", name, p)
			}
		}
	})
}
