package landscape

import (
	"fmt"
	"hash/fnv"
	"math/big"
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/person"
)

// The named people.
const (
	// Erika is the Erika Mustermann of the requests.
	Erika = "erika"
	// ErikaYounger and ErikaElder bear her name and are somebody else. The
	// elder lives in the same street, at number 71 instead of 17.
	ErikaYounger = "erika-younger"
	ErikaElder   = "erika-elder"
	// Max shares Erika's home and its network address.
	Max = "max"
	// JuergenSz and JuergenSs are two people, Jürgen Groß and Juergen Gross,
	// whose names systems write in either spelling.
	JuergenSz = "juergen-gross-sz"
	JuergenSs = "juergen-gross-ss"
	// SameDay was born on the day on which Erika was, and shares nothing else with her.
	SameDay = "same-day"
	// Nobody stands in no system at all.
	Nobody = "nobody"
)

// Person is a person who does not exist.
type Person struct {
	ID         string
	Salutation string
	First      string
	Last       string
	Birth      time.Time
	Birthplace string
	Email      string
	Phone      string // as written in Germany
	Street     string
	House      string
	Postcode   string
	City       string
	Account    string // user name at the authorities' sites
	IBAN       string
	Company    string // empty for most
	IP         netip.Addr
}

// Name is the full name.
func (p Person) Name() string { return p.First + " " + p.Last }

// Address is the postal address in one line.
func (p Person) Address() string {
	return p.Street + " " + p.House + ", " + p.Postcode + " " + p.City
}

// Identifiers are what the person can say about herself in a request: claimed,
// nothing verified.
func (p Person) Identifiers() []person.Identifier {
	var all []person.Identifier
	for _, known := range []struct {
		kind  person.IdentifierKind
		value string
	}{
		{person.Name, p.Name()}, {person.Birthdate, p.Birth.Format(time.DateOnly)}, {person.Email, p.Email},
		{person.Address, p.Address()}, {person.Phone, p.Phone}, {person.Account, p.Account}, {person.IBAN, p.IBAN}, {person.VisitorID, p.Visitor()},
		{person.Company, p.Company},
	} {
		if known.value == "" {
			continue
		}
		all = append(all, person.Identifier{
			ID:   uuid.NewSHA1(uuid.NameSpaceOID, []byte(p.ID+"/"+string(known.kind))),
			Kind: known.kind, Value: person.NewText(known.value),
		})
	}
	return all
}

// people makes the named ones and n others.
func people(seed uint64, n int) []Person {
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	home := netip.MustParseAddr("192.0.2.17")
	all := []Person{
		{ID: Erika, Salutation: "Frau", First: "Erika", Last: "Mustermann", Birth: day(1964, 8, 12), Birthplace: "Berlin",
			Email: "erika.mustermann@example.org", Phone: "0221 4710117", Street: "Heidestraße", House: "17", Postcode: "51147", City: "Köln",
			Account: "emustermann", IP: home},
		{ID: ErikaYounger, Salutation: "Frau", First: "Erika", Last: "Mustermann", Birth: day(1987, 3, 2), Birthplace: "Bonn",
			Email: "erika.mustermann@example.net", Phone: "0221 4710118", Street: "Lindenallee", House: "4", Postcode: "40213", City: "Düsseldorf",
			Account: "erika87", IP: netip.MustParseAddr("192.0.2.18")},
		{ID: ErikaElder, Salutation: "Frau", First: "Erika", Last: "Mustermann", Birth: day(1946, 12, 8), Birthplace: "Köln",
			Email: "e.mustermann@example.org", Phone: "0221 4710119", Street: "Heidestraße", House: "71", Postcode: "51147", City: "Köln",
			Account: "emustermann2", IP: netip.MustParseAddr("192.0.2.19")},
		{ID: Max, Salutation: "Herr", First: "Max", Last: "Mustermann", Birth: day(1962, 5, 30), Birthplace: "Köln",
			Email: "max.mustermann@example.org", Phone: "0221 4710120", Street: "Heidestraße", House: "17", Postcode: "51147", City: "Köln",
			Account: "mmustermann", IP: home},
		{ID: JuergenSz, Salutation: "Herr", First: "Jürgen", Last: "Groß", Birth: day(1971, 5, 23), Birthplace: "Münster",
			Email: "juergen.gross@example.org", Phone: "0221 4710121", Street: "Große Gasse", House: "8a", Postcode: "48143", City: "Münster",
			Account: "jgross", IP: netip.MustParseAddr("192.0.2.21")},
		{ID: JuergenSs, Salutation: "Herr", First: "Juergen", Last: "Gross", Birth: day(1958, 1, 9), Birthplace: "Aachen",
			Email: "juergen.gross@example.com", Phone: "0221 4710122", Street: "Überwasserstraße", House: "3", Postcode: "45127", City: "Essen",
			Account: "juergen58", Company: "Gross & Söhne OHG", IP: netip.MustParseAddr("192.0.2.22")},
		{ID: SameDay, Salutation: "Herr", First: "Bernhard", Last: "Beispiel", Birth: day(1964, 8, 12), Birthplace: "Siegen",
			Email: "bernhard.beispiel@example.org", Phone: "0221 4710124", Street: "Bergstraße", House: "9", Postcode: "57072", City: "Siegen",
			Account: "bbeispiel", IP: netip.MustParseAddr("192.0.2.24")},
		{ID: Nobody, Salutation: "Frau", First: "Wilhelmine", Last: "Ohnespur", Birth: day(1979, 10, 4), Birthplace: "Hagen",
			Email: "wilhelmine.ohnespur@example.org", Phone: "0221 4710123", Street: "Stiller Winkel", House: "1", Postcode: "58095", City: "Hagen",
			Account: "wohnespur", IP: netip.MustParseAddr("192.0.2.23")},
	}
	for i := range n {
		all = append(all, stranger(seed, i))
	}
	for i := range all {
		all[i].IBAN = iban(i)
	}
	return all
}

func stranger(seed uint64, i int) Person {
	r := random(seed, "stranger", fmt.Sprint(i))
	woman := r.IntN(2) == 0
	p := Person{ID: fmt.Sprintf("stranger-%d", i), Salutation: "Herr", First: pick(r, men), Last: pick(r, families)}
	if woman {
		p.Salutation, p.First = "Frau", pick(r, women)
	}
	p.Birth = time.Date(1938+r.IntN(68), time.Month(1+r.IntN(12)), 1+r.IntN(28), 0, 0, 0, 0, time.UTC)
	place := pick(r, places)
	p.Postcode, p.City, _ = strings.Cut(place, " ")
	_, p.Birthplace, _ = strings.Cut(pick(r, places), " ")
	p.Street, p.House = pick(r, streets), fmt.Sprint(1+r.IntN(140))
	mailbox := plain.Replace(strings.ToLower(p.First + "." + p.Last))
	p.Email = fmt.Sprintf("%s%d@%s", mailbox, i, pick(r, []string{"example.org", "example.net", "example.com"}))
	p.Phone = fmt.Sprintf("%s%03d", exchanges[i%len(exchanges)], 200+i/len(exchanges))
	p.Account = fmt.Sprintf("%s%d", plain.Replace(strings.ToLower(p.Last)), i)
	if r.IntN(8) == 0 {
		p.Company = p.Last + " " + pick(r, []string{"GmbH", "KG", "e. V.", "Verlag"})
	}
	// Few addresses for many people: one is nobody's alone.
	p.IP = netip.AddrFrom4([4]byte{198, 51, 100, byte(1 + i%250)})
	if i%9 == 0 {
		p.IP = netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 14: byte(i >> 8), 15: byte(i)})
	}
	return p
}

// iban makes a number with the right check figures (ISO 13616) at a bank that
// does not exist.
func iban(i int) string {
	account := fmt.Sprintf("99999999%010d", i+1)
	rest, _ := new(big.Int).SetString(account+"131400", 10) // D, E as figures and 00
	check := 98 - new(big.Int).Mod(rest, big.NewInt(97)).Int64()
	return fmt.Sprintf("DE%02d%s", check, account)
}

// spelled is the person as one clerk or form wrote her: the same, in other
// letters.
func (p Person) spelled(r *rand.Rand) Person {
	switch r.IntN(5) {
	case 0:
		p.First, p.Last, p.Street, p.City = plain.Replace(p.First), plain.Replace(p.Last), plain.Replace(p.Street), plain.Replace(p.City)
	case 1:
		p.Last = strings.ToUpper(strings.ReplaceAll(p.Last, "ß", "ss"))
	}
	if r.IntN(3) == 0 {
		p.Street = strings.NewReplacer("straße", "str.", "strasse", "str.").Replace(p.Street)
	}
	if r.IntN(4) == 0 {
		p.Email = strings.ToUpper(p.Email[:1]) + p.Email[1:]
	}
	area, number, _ := strings.Cut(p.Phone, " ")
	p.Phone = pick(r, []string{p.Phone, "+49 " + area[1:] + " " + number, "(" + area + ") " + number[:3] + "-" + number[3:],
		area + "/" + number, "0049" + area[1:] + number})
	return p
}

// partly leaves out what a form did not ask or a person did not say. What is
// left still leads to her: mail, telephone, or name and address.
func (p Person) partly(r *rand.Rand) Person {
	switch r.IntN(5) {
	case 0:
		p.Email = ""
	case 1:
		p.Phone, p.Street, p.House, p.Postcode, p.City = "", "", "", "", ""
	case 2:
		p.Email, p.Street, p.House, p.Postcode, p.City = "", "", "", "", ""
	}
	return p
}

// random gives numbers that depend on the seed and on what they are for, so
// that one more record here changes nothing there.
func random(seed uint64, what ...string) *rand.Rand {
	h := fnv.New64a()
	for _, w := range what {
		h.Write([]byte(w + "\x00"))
	}
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// plain writes as systems without umlauts do.
var plain = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "ß", "ss", "é", "e", "ğ", "g", "ł", "l", "ç", "c", "ş", "s", "ı", "i", " ", "-", "'", "")

var (
	women = []string{"Anna", "Ayşe", "Brigitte", "Charlotte", "Elif", "Emma", "Fatma", "Gisela", "Hannah", "Ilse", "Jana", "Käthe",
		"Lea", "Maria", "Mia", "Monika", "Petra", "Renate", "Sabine", "Sofia", "Ursula", "Zoé"}
	men = []string{"Ahmet", "Bernd", "Björn", "Can", "Dieter", "Emil", "Finn", "Günter", "Hans-Peter", "Jonas", "Jörg", "Karl-Heinz",
		"Leon", "Manfred", "Matteo", "Noah", "Paul", "Rainer", "René", "Sören", "Thomas", "Uwe"}
	families = []string{"Müller", "Schmidt", "Schneider", "Fischer", "Weber", "Meyer", "Wagner", "Becker", "Schulz", "Hoffmann", "Schäfer",
		"Koch", "Bauer", "Richter", "Klein", "Wolf", "Schröder", "Neumann", "Schwarz", "Zimmermann", "Braun", "Krüger", "Hartmann", "Lange",
		"Yılmaz", "Kaya", "Demir", "Nowak", "Kowalski", "von der Heide", "D'Angelo", "Müller-Lüdenscheidt", "Weiß", "Strauß", "Öztürk", "Böhm"}
	streets = []string{"Hauptstraße", "Bahnhofstraße", "Gartenweg", "Am Markt", "Schützenstraße", "Lindenallee", "Rheinufer", "Kölner Straße",
		"Zum Mühlenbach", "Goethestraße", "Bergstraße", "Kirchplatz", "Grüner Weg", "An der Wupper", "Friedrich-Ebert-Straße"}
	places = []string{"40213 Düsseldorf", "50667 Köln", "44135 Dortmund", "45127 Essen", "48143 Münster", "33602 Bielefeld", "53111 Bonn",
		"52062 Aachen", "42103 Wuppertal", "47051 Duisburg", "44787 Bochum", "58095 Hagen", "57072 Siegen", "33098 Paderborn", "41061 Mönchengladbach"}
	// Numbers that are never assigned, for use in media.
	exchanges = []string{"030 23125", "040 66969", "069 90009", "089 99998", "0221 4710"}
)
