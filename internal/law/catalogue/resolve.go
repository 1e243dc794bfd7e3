package catalogue

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"einsicht/internal/law/citation"
)

// Resolve returns the acts that a citation names, in its order. It refuses a
// citation that is not in the long form, names an act the catalogue does not
// list, or a section behind the last one of its act.
func (b Book) Resolve(text string) ([]Act, error) {
	acts := make(map[string]Act, len(b.acts))
	for _, a := range b.acts {
		acts[a.Name] = a
	}
	return resolve(text, acts)
}

func resolve(text string, acts map[string]Act) ([]Act, error) {
	c, err := citation.Parse(text)
	if err != nil {
		return nil, err
	}
	var cited []Act
	for _, p := range c.Provisions {
		a, known := acts[p.Act]
		if !known {
			return nil, errors.New("cites an act that acts.yaml does not list")
		}
		section, err := strconv.Atoi(strings.TrimRight(p.Number, "abcdefghijklmnopqrstuvwxyz"))
		if err != nil {
			return nil, err
		}
		if p.Sign != "Erwägungsgrund" && a.Highest > 0 && section > a.Highest {
			return nil, fmt.Errorf("%s ends before that number", a.Name)
		}
		cited = append(cited, a)
	}
	return cited, nil
}
