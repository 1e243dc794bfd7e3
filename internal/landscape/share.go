package landscape

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"

	"einsicht/internal/connector/webdav/webdavserver"
)

// shares are files that people put somewhere.
var shares = []served{
	// In the databox, everybody has a folder of the name of the account.
	share("krz-databox", "krz", func(p Person) string { return "/benutzer/" + p.Account },
		"Antrag.pdf", "Bescheid 2026.pdf", "Anlagen/Lageplan Übersicht.txt", "Anlagen/Liste.csv"),
	// Media lie by year; their owner stands in a property.
	share("nlq-media", "nlq", func(Person) string { return "/medien/2026" }, "Klassenfahrt.txt", "Projekttag Chor.txt", "Arbeitsblatt Brüche.txt"),
}

func share(id, authority string, folder func(Person) string, names ...string) served {
	return served{id: id, authority: authority, serve: func(s *shelf) (server, map[string]string, error) {
		files := map[string]webdavserver.File{}
		s.each(func(p Person, n int, r *rand.Rand) {
			for _, name := range some(r, names...) {
				path := fmt.Sprintf("%s/%d-%s", folder(p), len(files), strings.ReplaceAll(name, "/", "-"))
				files[path] = webdavserver.File{Content: []byte("Ein Beispiel, Datei " + fmt.Sprint(len(files)) + "\n"), Owner: p.Account, Modified: s.ago(r, 400)}
				s.holds(p, escaped(path)[1:])
			}
		})
		running, err := webdavserver.Start(webdavserver.Options{User: "auskunft", Password: password, Writer: "aenderung", WriterPassword: password, Files: files})
		if err != nil {
			return nil, nil, err
		}
		return quiet{running}, map[string]string{"url": running.URL()}, nil
	}}
}

// escaped writes a path as it stands in an address.
func escaped(path string) string { return (&url.URL{Path: path}).EscapedPath() }
