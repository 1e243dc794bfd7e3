package sql

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// chained is a record t and the chain of rows h0, h1, … that hang on it, as a
// statement names them.
type chained struct {
	tables []string // with their aliases
	conds  []string
	joins  []join
	last   string // alias at the end
	end    relation
}

// chain joins the tables of a chain. What names the record is another condition.
func chain(quote func(string) string, src *source, list []dependent) chained {
	c := chained{tables: []string{src.quoted + " t"}, last: "t", end: src.relation}
	for i, one := range list {
		next := "h" + strconv.Itoa(i)
		for _, own := range slices.Sorted(maps.Keys(one.on)) {
			j := join{leftX: c.last + "." + quote(own), rightX: next + "." + quote(one.on[own])}
			j.left, _ = c.end.column(own)
			j.right, _ = one.column(one.on[own])
			c.conds, c.joins = append(c.conds, j.leftX+" = "+j.rightX), append(c.joins, j)
		}
		c.tables, c.last, c.end = append(c.tables, one.quoted+" "+next), next, one.relation
	}
	return c
}

func (c chained) where(more ...string) string {
	return strings.Join(append(slices.Clone(c.conds), more...), " AND ")
}
