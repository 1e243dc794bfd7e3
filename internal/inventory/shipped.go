package inventory

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed shipped/*.yaml
var shipped embed.FS

// ShippedFiles returns the inventories that come with the program, one file per
// authority, named after its id.
func ShippedFiles() fs.FS {
	sub, err := fs.Sub(shipped, "shipped")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}

// Shipped returns the inventories that come with the program, ordered by id.
// They are examples read from public notices: an authority confirms its own
// before it uses it.
func Shipped() []Inventory {
	files := ShippedFiles()
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		panic(err)
	}
	all := make([]Inventory, 0, len(names))
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			panic(err)
		}
		inv, _, err := Parse(name, data)
		if err != nil {
			panic(fmt.Sprintf("shipped inventory: %v", err)) // a test reads them all
		}
		all = append(all, inv)
	}
	return all
}
