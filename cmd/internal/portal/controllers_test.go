package portal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const listedKey = `      -----BEGIN PUBLIC KEY-----
      MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
      -----END PUBLIC KEY-----
`

func TestTheListOfControllersSaysWhatIsWrongWithIt(t *testing.T) {
	entry := func(address, key string) string {
		return "  - authority: stk-nrw\n    id: verein\n    name: Verein\n    token_file: /etc/token\n    address: " + address + "\n    key: |\n" + key
	}
	good := entry("https://daten.example/uploads", listedKey)
	for _, tt := range []struct{ name, list, want string }{
		{"all is well", good, ""},
		{"nothing is listed", "", ""},
		{"an unknown key", good + "    adress: https://a.example\n", "adress"},
		{"no encryption", entry("http://daten.example/uploads", listedKey), "https://"},
		{"an address with a password", entry("https://a:b@daten.example/uploads", listedKey), "https://"},
		{"no key", entry("https://daten.example/uploads", "      abc\n"), "Ed25519"},
		{"listed twice", good + good, "listed twice"},
		{"no token", strings.Replace(good, "    token_file: /etc/token\n", "", 1), "token_file"},
		{"a CA that is not there", good + "    ca: /nowhere/ca.pem\n", "/nowhere/ca.pem"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "controllers.yaml")
			text := "controllers:\n" + tt.list
			if tt.list == "" {
				text = "controllers: []\n"
			}
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			err := (&Main{Config: Config{Controllers: file}}).openControllers(t.Context())
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("got %v, want it read", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), file)):
				t.Errorf("got %v, want the file and %q in it", err, tt.want)
			}
		})
	}
	if err := (&Main{Config: Config{Controllers: "/nowhere/controllers.yaml"}}).openControllers(t.Context()); err == nil || !strings.Contains(err.Error(), "EINSICHT_CONTROLLERS") {
		t.Errorf("a file that is not there: got %v, want the setting named", err)
	}
	if err := (&Main{Config: Config{Data: t.TempDir()}}).openControllers(t.Context()); err != nil {
		t.Errorf("no file and no setting: got %v, want none listed", err)
	}
}
