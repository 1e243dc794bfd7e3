package rest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/httpapi"
	"einsicht/internal/person"
)

// mapping is the part "rest" of a connection file; docs/connectors/rest.md
// explains it.
type mapping struct {
	URL  string `yaml:"url"`
	CA   string `yaml:"ca"`
	Auth string `yaml:"auth"`
	User string `yaml:"user"`
	// ChangeUser is the account that may change something, where auth is basic. Its
	// secret, as the token of other ways to sign in, begins with "change_".
	ChangeUser string     `yaml:"change_user"`
	Proxy      string     `yaml:"proxy"`
	MaxAnswer  int64      `yaml:"max_answer"`
	TimeZone   string     `yaml:"time_zone"`
	Resources  []resource `yaml:"resources"`
}

func (m mapping) settings() httpapi.Settings {
	return httpapi.Settings{URL: m.URL, CA: m.CA, Auth: m.Auth, User: m.User, Proxy: m.Proxy, MaxAnswer: m.MaxAnswer}
}

// resource is a list of records behind a path.
type resource struct {
	Name     string `yaml:"name"`
	Label    string `yaml:"label"`
	Category string `yaml:"category"`

	Path   string            `yaml:"path"`
	Method string            `yaml:"method"`
	Query  map[string]string `yaml:"query"` // sent with every question
	// Search says by which parameter, of the query or in braces in the path,
	// the system can be asked for a kind of identifier.
	Search     map[string]string `yaml:"search"`
	SearchOnly bool              `yaml:"search_only"` // there is no list without it
	// ReadOnly is somebody's word that a POST to this path changes nothing.
	ReadOnly bool   `yaml:"read_only"`
	Body     string `yaml:"body"` // of a POST; "{email}" in it becomes the value
	Paging   paging `yaml:"paging"`

	Records string              `yaml:"records"` // where in an answer the records stand; empty: the answer itself
	Each    string              `yaml:"each"`    // a list inside a record of which each entry is a record by itself
	Key     []string            `yaml:"key"`
	At      string              `yaml:"at"`
	Match   map[string][]string `yaml:"match"`
	// Optional are kinds of match whose values records may lack altogether.
	Optional []string         `yaml:"optional"`
	Fields   map[string]field `yaml:"fields"`
	Hints    []hint           `yaml:"hints"`
	// Children are lists of which every record has its own. Without match they
	// belong to whom the record belongs to.
	Children []resource `yaml:"children"`
	Change   *change    `yaml:"change"` // see docs/connectors/rest.md

	searchBy string    // kind of identifier in Body
	above    *resource // whose records have this list each
}

type field struct {
	Label      string `yaml:"label"`
	Category   string `yaml:"category"`
	ThirdParty bool   `yaml:"third_party"`
	Withhold   bool   `yaml:"withhold"`
	// Volatile: the system sets it with each write, so it is not compared.
	Volatile bool `yaml:"volatile"`
}

type hint struct {
	Kind  string   `yaml:"kind"`
	Paths []string `yaml:"paths"`
}

const (
	get       = http.MethodGet
	post      = http.MethodPost
	maxNested = 3
)

// readMapping decodes and checks what can be checked without the system.
func readMapping(c connector.Connection) (mapping, error) {
	var m mapping
	if err := c.Decode(&m); err != nil {
		return m, err
	}
	if err := httpapi.Check(c, m.settings()); err != nil {
		return m, err
	}
	if wrong := m.checkAccount(c); wrong != "" {
		return m, c.Wrong("change_user", wrong)
	}
	if m.TimeZone == "" {
		m.TimeZone = "Europe/Berlin"
	}
	if _, err := time.LoadLocation(m.TimeZone); err != nil {
		return m, c.Wrong("time_zone", "is no time zone")
	}
	if len(c.Match) == 0 {
		return m, c.Wrong("match", "the connection names no identifiers that suffice")
	}
	if len(m.Resources) == 0 {
		return m, c.Wrong("resources", "is missing")
	}
	return m, checkAll(c, m.Resources, "resources.", nil)
}

func checkAll(c connector.Connection, all []resource, at string, parents []*resource) error {
	seen := map[string]bool{}
	for i := range all {
		r, at := &all[i], fmt.Sprintf("%s%d.", at, i)
		if r.Name == "" || seen[r.Name] || strings.ContainsRune(r.Name, '/') {
			return c.Wrong(at+"name", "is missing, stands here twice or holds a slash")
		}
		seen[r.Name] = true
		for _, check := range []func(connector.Connection, string, []*resource) error{r.checkAsking, r.checkSearch, r.checkMatch, r.checkPaths, r.checkChange} {
			if err := check(c, at, parents); err != nil {
				return err
			}
		}
		if len(r.Children) > 0 && len(parents)+1 >= maxNested {
			return c.Wrong(at+"children", fmt.Sprintf("more than %d lists inside each other are not read", maxNested))
		}
		if err := checkAll(c, r.Children, at+"children.", append(slices.Clone(parents), r)); err != nil {
			return err
		}
	}
	return nil
}

func plainPath(p string) bool {
	return strings.HasPrefix(p, "/") && !strings.ContainsAny(p, "?#\\ ") && !strings.Contains(p, "..")
}

var inBraces = regexp.MustCompile(`\{([^{}]*)\}`)

func (r *resource) checkAsking(c connector.Connection, at string, parents []*resource) error {
	if !plainPath(r.Path) {
		return c.Wrong(at+"path", "must start with / and hold no query")
	}
	switch r.Method {
	case "":
		r.Method = get
	case get:
	case post:
		if !r.ReadOnly {
			return c.Wrong(at+"method", "POST needs read_only: true, somebody's word that it only searches")
		}
	default:
		return c.Wrong(at+"method", "must be GET, or POST where it only searches")
	}
	for _, m := range inBraces.FindAllStringSubmatch(r.Path, -1) {
		named := slices.Contains(slices.Collect(maps.Values(r.Search)), m[1])
		if len(parents) == 0 && !named || len(parents) > 0 && !isPath(m[1], false) {
			return c.Wrong(at+"path", "names something in braces that is neither in search nor in the record above")
		}
	}
	if len(r.Key) == 0 {
		return c.Wrong(at+"key", "is missing")
	}
	return r.Paging.check(c, at+"paging.", r)
}

func (r *resource) checkSearch(c connector.Connection, at string, parents []*resource) error {
	for _, kind := range slices.Sorted(maps.Keys(r.Search)) {
		if _, matched := r.Match[kind]; !matched || r.Search[kind] == "" || kind == string(person.IPTime) {
			return c.Wrong(at+"search."+kind, "needs a parameter and the same kind under match: the answer is verified")
		}
	}
	if len(parents) > 0 && len(r.Search) > 0 {
		return c.Wrong(at+"search", "a list of a record is read as a whole")
	}
	if r.Method == post {
		kinds := inBraces.FindAllStringSubmatch(r.Body, -1)
		for _, kind := range kinds {
			if _, matched := r.Match[kind[1]]; matched && strings.Count(r.Body, `"{`+kind[1]+`}"`) == 1 && r.searchBy == "" {
				r.searchBy = kind[1]
			}
		}
		if r.searchBy == "" || len(r.Search) > 0 || len(parents) > 0 || !json.Valid([]byte(r.Body)) {
			return c.Wrong(at+"body", `must be JSON that holds one kind of match as a value, such as "{email}"; search is for GET`)
		}
		r.SearchOnly = true
	} else if r.Body != "" {
		return c.Wrong(at+"body", "is for POST")
	}
	if r.SearchOnly && len(r.Search) == 0 && r.searchBy == "" {
		return c.Wrong(at+"search", "is missing")
	}
	if strings.ContainsRune(r.Path, '{') && len(parents) == 0 {
		if len(r.Search) != 1 {
			return c.Wrong(at+"search", "a path with a name in braces can be asked for that alone")
		}
		r.SearchOnly = true
	}
	return nil
}

func (r *resource) checkMatch(c connector.Connection, at string, parents []*resource) error {
	if len(r.Match) == 0 && len(parents) == 0 && !slices.ContainsFunc(r.Children, func(child resource) bool { return len(child.Match) > 0 }) {
		return c.Wrong(at+"match", "is missing, or nobody gets there")
	}
	if len(r.Match) > 0 && !slices.ContainsFunc(c.Match, r.serves) {
		return c.Wrong(at+"match", "serves none of the sets under match of the connection")
	}
	for i, kind := range r.Optional {
		if _, matched := r.Match[kind]; !matched {
			return c.Wrong(fmt.Sprintf("%soptional.%d", at, i), "is no kind under match")
		}
	}
	for _, p := range parents {
		// The system would give only those of the parents that it finds itself.
		if len(r.Match) > 0 && (len(p.Search) > 0 || p.searchBy != "") {
			return c.Wrong(at+"match", "needs all records of the list above, which is searched")
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(r.Match)) {
		key, paths := at+"match."+kind, r.Match[kind]
		if _, err := person.ParseIdentifierKind(kind); err != nil || kind == string(person.IPTime) {
			return c.Wrong(key, "is no kind of identifier that a value can hold")
		}
		if len(paths) == 0 || slices.ContainsFunc(paths, func(p string) bool { return strings.HasSuffix(p, "#") }) {
			return c.Wrong(key, "names no paths, or one that ends with #")
		}
		// A record with several people in it: the name of one and the birth date
		// of another would make a third.
		together := len(paths) > 1 || slices.ContainsFunc(c.Match, func(m connector.Match) bool {
			return len(m.By) > 1 && r.serves(m) && slices.Contains(m.By, person.IdentifierKind(kind))
		})
		if together && slices.ContainsFunc(paths, func(p string) bool { return strings.Contains(p, "#") }) {
			return c.Wrong(key, "a list of several people can't be matched by values that belong together; make each of its entries a record with each")
		}
	}
	return nil
}

// checkPaths takes "$.data.items" as "data.items".
func (r *resource) checkPaths(c connector.Connection, at string, _ []*resource) error {
	r.Records = strings.TrimPrefix(strings.TrimPrefix(r.Records, "$"), ".")
	one := func(key, p string, many bool) error {
		if p == "" || isPath(p, many) {
			return nil
		}
		return c.Wrong(at+key, "must be names joined by dots"+map[bool]string{true: ", with # for each entry of a list"}[many])
	}
	errs := []error{one("records", r.Records, false), one("at", r.At, false), one("paging.next", r.Paging.Next, false)}
	if strings.Contains(r.Each, ".") {
		errs = append(errs, c.Wrong(at+"each", "must be a name in the record"))
	}
	errs = append(errs, one("each", r.Each, false))
	for _, k := range r.Key {
		errs = append(errs, one("key", k, false))
		if f, ok := r.field(k); ok && (f.Withhold || f.Volatile) {
			errs = append(errs, c.Wrong(at+"fields", "a key can't be withheld or volatile: it names the record"))
		}
	}
	for kind, paths := range r.Match {
		for _, p := range paths {
			errs = append(errs, one("match."+kind, p, true))
		}
	}
	for p := range r.Fields {
		errs = append(errs, one("fields", p, true))
	}
	for i, h := range r.Hints {
		_, err := person.ParseIdentifierKind(h.Kind)
		if err != nil || len(h.Paths) == 0 || h.Kind == string(person.IPTime) && len(h.Paths) != 2 {
			errs = append(errs, c.Wrong(fmt.Sprintf("%shints.%d", at, i), "needs kind and paths; ip+time needs an address and a time"))
		}
		for _, p := range h.Paths {
			errs = append(errs, one(fmt.Sprintf("hints.%d", i), p, false))
		}
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// serves says whether the record has values for all kinds of a set.
func (r *resource) serves(m connector.Match) bool {
	return !slices.ContainsFunc(m.By, func(k person.IdentifierKind) bool { _, ok := r.Match[string(k)]; return !ok })
}

var pathPart = regexp.MustCompile(`^[\pL\pN_ :/$-]+$`)

// isPath takes names joined by dots. The library knows far more, wildcards and
// functions, whose answers depend on what stands in the data.
func isPath(p string, many bool) bool {
	for part := range strings.SplitSeq(p, ".") {
		if !pathPart.MatchString(part) && !(many && part == "#") {
			return false
		}
	}
	return true
}

// field gives what is declared about a leaf: by its own path or by the longest
// one above it.
func (r *resource) field(path string) (field, bool) {
	for p := path; ; {
		if f, ok := r.Fields[p]; ok {
			return f, true
		}
		i := strings.LastIndexByte(p, '.')
		if i < 0 {
			return field{}, false
		}
		p = p[:i]
	}
}
