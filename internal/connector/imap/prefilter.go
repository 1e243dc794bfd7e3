package imap

import (
	"slices"
	"strings"
	"unicode"

	"github.com/emersion/go-imap/v2"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// mostTerms keeps a question within what servers take.
const mostTerms = 100

// prefilter is the question to the server for mails that may be the person's.
// Servers differ in what they make of tags, case, accents and encodings, so it
// asks for pieces of the identifiers that are the same in every spelling. It
// finds too much; what it finds is compared afterwards. Where no such piece
// exists (people write the figures of a telephone number in all sorts of
// groups) it asks for every mail.
func prefilter(sets []connector.Set) imap.SearchCriteria {
	var terms []string
	for _, s := range sets {
		some := piecesOf(s)
		if len(some) == 0 {
			return imap.SearchCriteria{}
		}
		for _, t := range some {
			if !slices.Contains(terms, t) {
				terms = append(terms, t)
			}
		}
	}
	if len(terms) > mostTerms {
		return imap.SearchCriteria{}
	}
	var ways []imap.SearchCriteria
	for _, t := range terms {
		// TEXT covers head and text. A server that does not decode text decodes
		// at least what it compares with these.
		ways = append(ways, inAddresses(t)...)
		ways = append(ways, imap.SearchCriteria{Text: []string{t}})
	}
	return anyOf(ways)
}

// addressed is the question for mails in whose addresses one of these may stand.
func addressed(emails []person.Identifier) imap.SearchCriteria {
	var ways []imap.SearchCriteria
	for _, id := range emails {
		t := localPiece(id)
		if t == "" || len(ways) > mostTerms {
			return imap.SearchCriteria{}
		}
		ways = append(ways, inAddresses(t)...)
	}
	return anyOf(ways)
}

var addressHeads = []string{"From", "Sender", "Reply-To", "To", "Cc", "Bcc"}

func inAddresses(term string) (ways []imap.SearchCriteria) {
	for _, head := range addressHeads {
		ways = append(ways, imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: head, Value: term}}})
	}
	return ways
}

// anyOf joins with OR, as a tree: a chain of a hundred is too deep for some.
func anyOf(ways []imap.SearchCriteria) imap.SearchCriteria {
	switch len(ways) {
	case 0:
		return imap.SearchCriteria{}
	case 1:
		return ways[0]
	}
	half := len(ways) / 2
	return imap.SearchCriteria{Or: [][2]imap.SearchCriteria{{anyOf(ways[:half]), anyOf(ways[half:])}}}
}

// piecesOf gives pieces one of which stands in every mail that the set leads
// to; none where there is nothing to ask for. Of the identifiers of a set,
// which must all be there, the most telling one suffices.
func piecesOf(s connector.Set) []string {
	for _, kind := range []person.IdentifierKind{person.Email, person.Address, person.Name} {
		for _, id := range s.IDs {
			if id.Kind != kind {
				continue
			}
			var some []string
			switch kind {
			case person.Email:
				some = []string{localPiece(id)}
			case person.Address:
				some = []string{zipPiece(id)}
			case person.Name:
				some = namePieces(id.Value.Reveal(), s.Similar())
			}
			if len(some) > 0 && !slices.Contains(some, "") {
				return some
			}
		}
	}
	return nil
}

// localPiece is the longest piece of what stands before the @ that nobody
// writes in another way: a tag may follow it, signs may be percent-encoded.
func localPiece(id person.Identifier) string {
	n, err := person.Normal(person.Email, id.Value.Reveal())
	if err != nil {
		return ""
	}
	local, _, _ := strings.Cut(n, "@")
	return longest(strings.FieldsFunc(local, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' && r != '_' && r != '-'
	}))
}

// zipPiece is the postal code: streets are written in too many ways.
func zipPiece(id person.Identifier) string {
	n, err := person.Normal(person.Address, id.Value.Reveal())
	if err != nil {
		return ""
	}
	return longest(slices.DeleteFunc(strings.Fields(n), func(w string) bool {
		return len(w) != 5 || strings.Trim(w, "0123456789") != ""
	}))
}

// namePieces are parts of the words of a name that no German spelling changes:
// of Jürgen, Juergen and Jurgen it is "rgen". Where a similar name suffices any
// word may be missing, so it is a piece of each.
func namePieces(name string, similar bool) []string {
	if strings.ContainsFunc(name, func(r rune) bool { return unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) }) {
		return nil // may stand in Latin letters
	}
	counts := strings.Fields(person.NormalName(person.Fold(name))) // titles don't
	var words []string
	for w := range strings.FieldsFuncSeq(name, func(r rune) bool { return strings.ContainsRune(person.Separators, r) }) {
		if !slices.Contains(counts, person.Fold(w)) {
			continue
		}
		p := unchanging(w)
		if p == "" && similar {
			return nil
		}
		words = append(words, p)
	}
	if similar {
		return words
	}
	if p := longest(words); p != "" {
		return []string{p}
	}
	return nil
}

// unchanging is the longest run of letters of a word outside of umlauts and ß
// and of what they are spelled as.
func unchanging(word string) string {
	word = strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII || strings.ContainsRune(person.Dropped, r) {
			return ' '
		}
		return unicode.ToLower(r)
	}, word)
	for _, spelled := range []string{"ae", "oe", "ue", "ss", "aa"} {
		word = strings.ReplaceAll(word, spelled, " ")
	}
	return longest(strings.Fields(word))
}

func longest(words []string) string {
	best := ""
	for _, w := range words {
		if len(w) > len(best) {
			best = w
		}
	}
	return best
}
