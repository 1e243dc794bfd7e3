package ldap

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"einsicht/internal/connector"
)

// schema maps every name of an attribute that a directory knows, in small
// letters, to the name it answers with. Empty: the directory does not tell.
type schema map[string]string

// schema reads which attributes there are. A mapping that names an attribute
// which does not exist would find nobody, and "nothing" has legal effect.
func (s *session) schema() (schema, classes, error) {
	root, err := s.search(&ldap.SearchRequest{Scope: ldap.ScopeBaseObject, Filter: "(objectClass=*)", Attributes: []string{"subschemaSubentry"}}, "ldap.url")
	if err != nil {
		return hidden(err)
	}
	if len(root.Entries) == 0 || root.Entries[0].GetEqualFoldAttributeValue("subschemaSubentry") == "" {
		return schema{}, usualClasses, nil
	}
	res, err := s.search(&ldap.SearchRequest{
		BaseDN: root.Entries[0].GetEqualFoldAttributeValue("subschemaSubentry"), Scope: ldap.ScopeBaseObject,
		Filter: "(objectClass=subschema)", Attributes: []string{"attributeTypes", "objectClasses"},
	}, "ldap.url")
	if err != nil {
		return hidden(err)
	}
	if len(res.Entries) == 0 {
		return schema{}, usualClasses, nil
	}
	types := res.Entries[0].GetEqualFoldAttributeValues("attributeTypes")
	if len(types) == 0 {
		return schema{}, usualClasses, nil
	}
	names := readSchema(types)
	return names, readClasses(names, res.Entries[0].GetEqualFoldAttributeValues("objectClasses")), nil
}

// hidden goes on where a directory answers, but keeps its schema to itself.
func hidden(err error) (schema, classes, error) {
	if errors.Is(err, connector.ErrConfig) {
		return schema{}, usualClasses, nil
	}
	return nil, nil, err
}

// typeNames finds the names in an attribute type description (RFC 4512,
// 4.1.2): NAME 'cn' or NAME ( 'cn' 'commonName' ).
var typeNames = regexp.MustCompile(`\sNAME\s+(?:'([^']*)'|\(([^)]*)\))`)

func readSchema(types []string) schema {
	s := schema{}
	for _, description := range types {
		found := typeNames.FindStringSubmatch(description)
		if found == nil {
			continue
		}
		names := strings.Fields(strings.ReplaceAll(found[1]+" "+found[2], "'", " "))
		for _, n := range names {
			s[strings.ToLower(n)] = names[0]
		}
	}
	return s
}

const unknownAttribute = "names an attribute that the schema of the directory does not know"

// resolve compares a mapping with the schema, and names every attribute as the
// directory does: it answers "sn" where somebody asks for "surname".
func (s schema) resolve(c connector.Connection, m mapping) (mapping, error) {
	if len(s) == 0 {
		return m, nil
	}
	var withhold []string
	for _, name := range m.Withhold {
		if canonical, known := s[strings.ToLower(bare(name))]; known {
			withhold = append(withhold, canonical)
		}
		withhold = append(withhold, name)
	}
	m.Withhold = withhold
	for kind, all := range m.match {
		for i, j := range all {
			for k, name := range j {
				canonical, known := s[strings.ToLower(bare(name))]
				if !known {
					return m, c.Wrong(fmt.Sprintf("match.%s.%d", kind, i), unknownAttribute)
				}
				if m.isSecret(canonical) {
					return m, c.Wrong(fmt.Sprintf("match.%s.%d", kind, i), "is withheld: nobody is recognised by a secret")
				}
				m.match[kind][i][k] = canonical + name[len(bare(name)):]
			}
		}
	}
	for i := range m.Reach {
		r := &m.Reach[i]
		for _, named := range []struct {
			key  string
			name *string
		}{{"filter_attribute", &r.FilterAttribute}, {"value", &r.Value}} {
			if *named.name == "" {
				continue
			}
			canonical, known := s[strings.ToLower(*named.name)]
			if !known {
				return m, c.Wrong(reachKey(i, named.key), unknownAttribute)
			}
			*named.name = canonical
		}
	}
	attributes := map[string]attribute{}
	for name, a := range m.Attributes {
		if canonical, known := s[strings.ToLower(bare(name))]; known {
			name = canonical + name[len(bare(name)):]
		}
		attributes[name] = a
	}
	m.Attributes = attributes
	return m, s.resolveChange(c, &m)
}
