package webdav

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestWhatAListingSaysOfAnEntry(t *testing.T) {
	prop := func(inside, status string) string {
		return `<D:propstat><D:prop>` + inside + `</D:prop><D:status>` + status + `</D:status></D:propstat>`
	}
	for _, test := range []struct{ name, inside, want string }{
		{"a file", prop(`<D:resourcetype/><D:getcontentlength> 12 </D:getcontentlength><D:getcontenttype>text/plain</D:getcontenttype>`, "HTTP/1.1 200 OK"),
			`/a file 12 "text/plain" ["" ""] 0`},
		{"a folder", prop(`<D:resourcetype><D:collection/></D:resourcetype>`, "HTTP/1.1 200 OK"), `/a folder -1 "" ["" ""] 0`},
		{"an owner by the address of a user", prop(`<D:owner><D:href>/users/er%20ika/</D:href></D:owner>`, "HTTP/1.1 200 OK"), `/a file -1 "" ["er ika" ""] 0`},
		{"an owner by name", prop(`<o:owner-id xmlns:o="urn:o">erika</o:owner-id>`, "HTTP/1.1 200 OK"), `/a file -1 "" ["" "erika"] 0`},
		{"the name of another namespace", prop(`<o:owner-id xmlns:o="urn:p">erika</o:owner-id>`, "HTTP/1.1 200 OK"), `/a file -1 "" ["" ""] 0`},
		{"what the share does not tell", prop(`<D:getcontentlength>12</D:getcontentlength><D:owner>otto</D:owner>`, "HTTP/1.1 403 Forbidden"), `/a file -1 "" ["" ""] 0`},
		{"a status in front of what it is about", `<D:propstat><D:status>HTTP/1.1 404 Not Found</D:status><D:prop><D:owner>otto</D:owner></D:prop></D:propstat>`, `/a file -1 "" ["" ""] 0`},
		{"no status at all", `<D:propstat><D:prop><D:getcontentlength>3</D:getcontentlength></D:prop></D:propstat>`, `/a file 3 "" ["" ""] 0`},
		{"an entry that may not be seen", `<D:status>HTTP/1.1 403 Forbidden</D:status>`, `/a file -1 "" ["" ""] 403`},
		{"elements that nobody knows", `<x><D:href>/other</D:href></x>` + prop(`<D:getcontenttype>te<b>x</b>xt</D:getcontenttype>`, "HTTP/1.1 200 OK"), `/a file -1 "text" ["" ""] 0`},
	} {
		var got []string
		in := `<D:multistatus xmlns:D="DAV:"><D:response><D:href> /a </D:href>` + test.inside + `</D:response></D:multistatus>`
		err := readMultistatus(strings.NewReader(in), []property{{Namespace: "DAV:", Name: "owner"}, {Namespace: "urn:o", Name: "owner-id"}}, func(href string, e entry) error {
			got = append(got, fmt.Sprintf("%s %s %d %q %q %d", href, map[bool]string{true: "folder", false: "file"}[e.Dir], e.Size, e.Type, e.Owners, e.Status))
			return nil
		})
		if err != nil || !slices.Equal(got, []string{test.want}) {
			t.Errorf("%s: got %q and %v, want %q", test.name, got, err, test.want)
		}
	}
}
