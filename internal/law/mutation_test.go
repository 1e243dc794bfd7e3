package law_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"einsicht/internal/law/catalogue"
	"einsicht/internal/law/workedcase"
)

// TestNoConditionCanGoUnnoticed takes each condition of each ground, and each
// requirement of a right, out of the catalogue: its worked cases must notice.
func TestNoConditionCanGoUnnoticed(t *testing.T) {
	files := catalogueFiles(t)
	gone := 0
	for name, file := range files {
		var doc yaml.Node
		if err := yaml.Unmarshal(file.Data, &doc); err != nil {
			t.Fatal(err)
		}
		for _, kind := range []struct{ entries, id, conditions, cases string }{
			{"grounds", "id", "conditions", ""}, {"rights", "right", "requires", "recht-"},
		} {
			entries := at(doc.Content[0], kind.entries)
			if entries == nil {
				continue
			}
			for _, entry := range entries.Content {
				conditions := at(entry, kind.conditions)
				if conditions == nil {
					continue
				}
				id, all := at(entry, kind.id).Value, conditions.Content
				cases, err := os.ReadFile("testdata/" + kind.cases + strings.ToLower(id) + ".txtar")
				if err != nil {
					t.Error(err)
					continue
				}
				if noticed(files, name, written(t, &doc), cases) {
					t.Errorf("%s: its cases come out otherwise with the file as it is", id)
				}
				for i, c := range all {
					conditions.Content = slices.Delete(slices.Clone(all), i, i+1)
					gone++
					if !noticed(files, name, written(t, &doc), cases) {
						t.Errorf("%s: nothing notices that %q is gone", id, at(c, "id").Value)
					}
				}
				conditions.Content = all
			}
		}
	}
	if gone < 100 {
		t.Errorf("got %d conditions, want those of the whole catalogue", gone)
	}
}

// noticed says whether the cases come out otherwise with one file changed.
func noticed(files fstest.MapFS, name string, data, cases []byte) bool {
	changed := fstest.MapFS{}
	for n, f := range files {
		changed[n] = f
	}
	changed[name] = &fstest.MapFile{Data: data}
	b, err := catalogue.Read(changed)
	if err != nil {
		return true
	}
	read, err := workedcase.Parse(b, cases)
	return err != nil || slices.ContainsFunc(read, func(c workedcase.Case) bool { return len(c.Check(b)) > 0 })
}

func written(t *testing.T, doc *yaml.Node) []byte {
	t.Helper()
	data, err := yaml.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func catalogueFiles(t *testing.T) fstest.MapFS {
	t.Helper()
	names, err := filepath.Glob("catalogue/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatalf("no catalogue found: %v", err)
	}
	files := fstest.MapFS{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = &fstest.MapFile{Data: data}
	}
	return files
}

// at returns what stands behind a key; nil if nothing does.
func at(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}
