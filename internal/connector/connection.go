package connector

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"einsicht/internal/person"
)

// Connection says where a system is and how to ask it. It joins the inventory,
// which says what the law needs to know, by the system's id.
type Connection struct {
	File        string // for messages
	System      string
	Kind        string
	Concurrency int           // questions at once; 1 where the file says nothing
	Timeout     time.Duration // for one question to the system; 30 s where the file says nothing
	Rate        float64       // questions to the system per second at most; 0: no limit
	Match       []Match       // sets of identifiers that suffice, in the file's order
	Secrets     map[string]Ref
	Version     string // hash of the file, kept with each finding

	root *yaml.Node // the whole file
	node *yaml.Node // the kind's own part
	// opened are the secrets after Resolve; as pointers, because fmt prints
	// what unexported fields hold, but of a pointer only the address.
	opened map[string]*string
	pace   func(context.Context) error
}

// Ref says where a secret lies; exactly one is set.
type Ref struct {
	Env  string `yaml:"env"`
	File string `yaml:"file"`
	// Sealed names a secret of the store that only workers can open.
	Sealed string `yaml:"sealed"`
}

// ParseConnection reads a connection file. Its errors name file, line and key
// and quote no value.
func ParseConnection(file string, data []byte) (Connection, error) {
	at := place{file: file}
	root, err := at.parse(data)
	if err != nil {
		return Connection{}, err
	}
	kind := valueOf(root, "kind")
	if kind == nil || kind.Value == "" {
		return Connection{}, at.errorf(root, "kind", "is missing")
	}
	own, rest := cut(root, kind.Value)
	var raw rawConnection
	if err := at.decode(rest, &raw, ""); err != nil {
		if own == nil {
			err = fmt.Errorf("%w (is the kind misspelt? the file has no part under its name)", err)
		}
		return Connection{}, err
	}
	c := Connection{
		File: file, System: raw.System, Kind: raw.Kind, Concurrency: raw.Concurrency, Timeout: raw.Timeout, Rate: raw.Rate,
		Secrets: map[string]Ref{}, Version: version(data), root: root, node: own,
	}
	if c.System == "" {
		return Connection{}, at.errorf(root, "system", "is missing")
	}
	if c.Concurrency == 0 {
		c.Concurrency = 1
	}
	if c.Concurrency < 0 || c.Concurrency > 64 {
		return Connection{}, at.errorf(valueOf(rest, "concurrency"), "concurrency", "must be 1 to 64")
	}
	if c.Timeout == 0 {
		c.Timeout = 30 * time.Second
	}
	if c.Timeout < 100*time.Millisecond || c.Timeout > time.Hour {
		return Connection{}, at.errorf(valueOf(rest, "timeout"), "timeout", "must be 100ms to 1h")
	}
	if c.Rate < 0 || c.Rate > 1000 {
		return Connection{}, at.errorf(valueOf(rest, "rate"), "rate", "must be 0 to 1000 questions per second")
	}
	if err := c.readMatch(at, rest, raw.Match); err != nil {
		return Connection{}, err
	}
	return c, c.readSecrets(at, rest)
}

// rawConnection is the shape of the file. The kind's own part stands under the
// name of the kind.
type rawConnection struct {
	System      string               `yaml:"system"`
	Kind        string               `yaml:"kind"`
	Concurrency int                  `yaml:"concurrency"`
	Timeout     time.Duration        `yaml:"timeout"`
	Rate        float64              `yaml:"rate"`
	Match       []rawMatch           `yaml:"match"`
	Secrets     map[string]yaml.Node `yaml:"secrets"`
}

type rawMatch struct {
	By         []string `yaml:"by"`
	Confidence string   `yaml:"confidence"`
}

func (c *Connection) readMatch(at place, root *yaml.Node, raw []rawMatch) error {
	list := valueOf(root, "match")
	for i, r := range raw {
		node := list.Content[i]
		m := Match{Confidence: Confidence(r.Confidence)}
		if len(r.By) == 0 {
			return at.errorf(node, "match.by", "is missing")
		}
		for _, s := range r.By {
			k, err := person.ParseIdentifierKind(s)
			if err != nil {
				return at.errorf(node, "match.by", err.Error())
			}
			if slices.Contains(m.By, k) {
				return at.errorf(node, "match.by", "names a kind twice")
			}
			m.By = append(m.By, k)
		}
		if m.Confidence == "" {
			m.Confidence = Ceiling(m.By)
		}
		if !slices.Contains(Confidences, m.Confidence) {
			return at.errorf(node, "match.confidence", fmt.Sprintf("must be one of %v", Confidences))
		}
		c.Match = append(c.Match, m)
	}
	return nil
}

// readSecrets takes references only. A secret in clear would lie in backups
// and repositories.
func (c *Connection) readSecrets(at place, root *yaml.Node) error {
	list := valueOf(root, "secrets")
	if list == nil {
		return nil
	}
	for i := 0; i+1 < len(list.Content); i += 2 {
		name, node := list.Content[i].Value, list.Content[i+1]
		key := "secrets." + name
		if node.Kind != yaml.MappingNode {
			return at.errorf(node, key, "must be {env: NAME}, {file: PATH} or {sealed: NAME}; secrets in clear are refused")
		}
		var r Ref
		if err := at.decode(node, &r, key); err != nil {
			return err
		}
		if named := slices.DeleteFunc([]string{r.Env, r.File, r.Sealed}, func(s string) bool { return s == "" }); len(named) != 1 {
			return at.errorf(node, key, "must name one of env, file and sealed")
		}
		c.Secrets[name] = r
	}
	return nil
}

// Resolve returns the connection with its secrets read by a function that the
// program gives: only programs read files and environment.
func (c Connection) Resolve(read func(Ref) (string, error)) (Connection, error) {
	c.opened = map[string]*string{}
	for name, ref := range c.Secrets {
		s, err := read(ref)
		if err != nil {
			return c, fmt.Errorf("%s: %w", c.Where("secrets."+name), err)
		}
		c.opened[name] = &s
	}
	return c, nil
}

// Secret gives a resolved secret.
func (c Connection) Secret(name string) (string, bool) {
	if s := c.opened[name]; s != nil {
		return *s, true
	}
	return "", false
}

// Decode reads the kind's own part strictly into v, a pointer to a struct with
// yaml tags. A missing part is an error.
func (c Connection) Decode(v any) error {
	at := place{file: c.File}
	if c.node == nil {
		return at.errorf(nil, c.Kind, "is missing")
	}
	return at.decode(c.node, v, c.Kind)
}

// Wrong is an error about a key of the kind's own part, such as
// "tables.1.columns.email"; entries of lists count from 0.
func (c Connection) Wrong(key, what string) error {
	n, depth := walk(c.node, key)
	if depth == 0 { // a kind may mind what stands beside its own part, above all match
		if common, depth := walk(c.root, key); depth > 0 {
			n = common
		}
	}
	return place{file: c.File}.errorf(n, c.Kind+"."+key, what)
}

// Slice is how long one job asks a system before it hands over to the next. An
// answer that takes longer is cut off before it is there, each time again.
const Slice = 40 * time.Second

// CheckTimeout refuses a timeout that no job can wait for.
func (c Connection) CheckTimeout() error {
	if c.Timeout <= Slice {
		return nil
	}
	return fmt.Errorf("%s: must be %s at most, longer no job waits: %w", c.Where("timeout"), Slice, ErrConfig)
}

// Where names a key that connections of every kind have, with file and line.
func (c Connection) Where(key string) string {
	if n, depth := walk(c.root, key); depth > 0 {
		return fmt.Sprintf("%s:%d: %s", c.File, n.Line, key)
	}
	return c.File + ": " + key
}

// walk goes down a key as far as it leads, and says how many parts that were.
func walk(n *yaml.Node, key string) (at *yaml.Node, depth int) {
	for part := range strings.SplitSeq(key, ".") {
		next := (*yaml.Node)(nil)
		switch i, err := strconv.Atoi(part); {
		case n == nil:
		case n.Kind == yaml.SequenceNode && err == nil && i >= 0 && i < len(n.Content):
			next = n.Content[i]
		case n.Kind == yaml.MappingNode:
			next = valueOf(n, part)
		}
		if next == nil {
			break
		}
		n, depth = next, depth+1
	}
	return n, depth
}

// HasOwnPart says whether the file has a part under the name of the kind.
func (c Connection) HasOwnPart() bool { return c.node != nil }

func version(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}
