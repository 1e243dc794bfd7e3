package all

import (
	"os"
	"slices"
	"testing"

	"einsicht/internal/connector"
)

// shared are the folders that are no kind.
var shared = []string{"all", "connectortest", "httpapi", "logs", "rewrite", "source"}

// Each kind is one folder, and each folder of a kind is on the list.
func TestEveryFolderIsOnTheList(t *testing.T) {
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, e := range entries {
		if e.IsDir() && !slices.Contains(shared, e.Name()) {
			want = append(want, e.Name())
		}
	}
	var got []string
	for _, k := range Kinds() {
		got = append(got, k.Name())
		found, err := Kind(connector.Connection{Kind: k.Name()})
		if err != nil || found.Name() != k.Name() {
			t.Errorf("%s: got %v, %v", k.Name(), found, err)
		}
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if _, err := Kind(connector.Connection{Kind: "fax"}); err == nil {
		t.Error("got a kind nobody built")
	}
}
