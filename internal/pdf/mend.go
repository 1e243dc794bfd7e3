package pdf

import (
	"bytes"
)

// mend repairs what LibreOffice gets wrong. Offsets count in a PDF, so each
// change keeps the length.
func mend(file []byte, lang string) []byte {
	// LibreOffice 7 writes the order of tabs as a string; ISO 32000-1, table 30
	// and ISO 14289-1, 7.18.3 want a name.
	file = bytes.ReplaceAll(file, []byte("\n/Tabs(S)\n"), []byte("\n/Tabs/S \n"))
	return addLanguage(file, lang)
}

// addLanguage adds dc:language, which LibreOffice leaves out, to the metadata.
// They end in blanks that are there to be used up (XMP, part 1, 7.3.2).
func addLanguage(file []byte, lang string) []byte {
	const start, title, end = "<?xpacket begin=", "</dc:title>", "<?xpacket end="
	entry := []byte("<dc:language><rdf:Bag><rdf:li>" + lang + "</rdf:li></rdf:Bag></dc:language>")
	from := bytes.Index(file, []byte(start))
	if from < 0 {
		return file
	}
	at, to := bytes.Index(file[from:], []byte(title)), bytes.Index(file[from:], []byte(end))
	if at < 0 || to < at || bytes.Contains(file[from:from+to], []byte("<dc:language>")) {
		return file
	}
	packet := file[from : from+to]
	padding := len(packet) - len(bytes.TrimRight(packet, " \n"))
	if padding <= len(entry) {
		return file
	}
	at += len(title)
	changed := bytes.Join([][]byte{packet[:at], entry, packet[at : len(packet)-len(entry)]}, nil)
	copy(packet, changed)
	return file
}
