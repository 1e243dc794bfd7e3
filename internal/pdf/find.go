package pdf

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
)

// ErrMissing is the kind of failure when LibreOffice is not installed. Letters
// are complete as HTML without it.
var ErrMissing = errors.New("no LibreOffice that can be used")

// usual places of soffice, where PATH does not have it.
var usual = []string{
	"/usr/lib/libreoffice/program/soffice",
	"/usr/lib64/libreoffice/program/soffice",
	"/usr/local/bin/soffice",
	"/opt/libreoffice*/program/soffice", // the packages of libreoffice.org
	"/opt/homebrew/bin/soffice",
	"/Applications/LibreOffice.app/Contents/MacOS/soffice",
}

// Find returns the path of LibreOffice's soffice. Without one, the error is
// ErrMissing and says to the operator what to install.
func Find() (binary string, err error) {
	for _, name := range []string{"soffice", "libreoffice"} {
		if path, err := exec.LookPath(name); err == nil {
			return filepath.Abs(path)
		}
	}
	return findIn(usual)
}

func findIn(patterns []string) (string, error) {
	for _, pattern := range patterns {
		found, _ := filepath.Glob(pattern)
		slices.Reverse(found) // the newest first
		for _, path := range found {
			if _, err := exec.LookPath(path); err == nil {
				return path, nil
			}
		}
	}
	return "", fmt.Errorf("%w: letters are HTML only until it is installed. \"make office\" installs it, or by hand: "+
		"the packages libreoffice-writer-nogui, fontconfig, fonts-liberation and fonts-dejavu-core (Debian, Ubuntu), "+
		"libreoffice-writer and liberation-sans-fonts (Fedora, Red Hat), libreoffice (others)", ErrMissing)
}
