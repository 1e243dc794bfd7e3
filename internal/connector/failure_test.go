package connector

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

const located = `system: shop
kind: rest
secrets:
  token: {env: T}
match: [{by: [email]}]
rest:
  url: https://shop.example
  ca: /etc/ca.pem
  resources:
    - path: /people
    - path: /orders
      key: number
  sites: [1]
`

func TestAFailureIsSaidWithTheLineThatItIsAbout(t *testing.T) {
	c, err := ParseConnection("shop.yaml", []byte(located))
	if err != nil {
		t.Fatal(err)
	}
	bare, err := ParseConnection("shop.yaml", []byte("system: shop\nkind: rest\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		c    Connection
		err  error
		want string
	}{
		{"a server that does not answer", c, Fail(ErrUnreachable, "connect", "", nil), "shop.yaml:7: rest.url: connect: system does not answer"},
		{"a certificate", c, Fail(ErrConfig, "connect", "certificate", nil), "shop.yaml:8: rest.ca: connect: connection is wrong (certificate)"},
		{"a sign-in", c, Fail(ErrConfig, "/people", "401", nil), "shop.yaml:4: secrets: /people: connection is wrong (401)"},
		{"a path that is missing", c, Fail(ErrConfig, "/orders", "404", nil), "shop.yaml:11: rest.resources.1.path: /orders: connection is wrong (404)"},
		{"a key by its whole name", c, Fail(ErrConfig, "rest.resources.1.key", "", nil), "shop.yaml:12: rest.resources.1.key: connection is wrong"},
		{"a key by its short name", c, Fail(ErrConfig, "sites", "", nil), "shop.yaml:13: rest.sites: sites: connection is wrong"},
		{"a secret", c, Fail(ErrConfig, "secrets.token", "missing", nil), "shop.yaml:4: secrets.token: connection is wrong (missing)"},
		{"wrapped", c, fmt.Errorf("open: %w", Fail(ErrBroken, "/orders", "", nil)), "shop.yaml:11: rest.resources.1.path: open: /orders: answer can't be read"},
		{"nothing to tell by", bare, Fail(ErrUnreachable, "connect", "", nil), "shop.yaml: connect: system does not answer"},
		{"what names its line itself", c, c.Wrong("url", "must be https"), "shop.yaml:7: rest.url: must be https: connection is wrong"},
		{"something else", c, errors.New("x"), "x"},
	} {
		got := tt.c.Located(tt.err)
		if got.Error() != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
		if !errors.Is(got, tt.err) {
			t.Errorf("%s: the failure itself is lost", tt.name)
		}
	}
	if err := (Connection{}).Located(ErrManual); err != ErrManual {
		t.Errorf("no connection: got %v", err)
	}
}

func TestATimeoutIsNoLongerThanAJob(t *testing.T) {
	for timeout, want := range map[string]string{
		"40s": "", "41s": "shop.yaml:3: timeout: must be 40s at most, longer no job waits: connection is wrong", "1h": "shop.yaml:3: timeout: ",
	} {
		c, err := ParseConnection("shop.yaml", []byte("system: shop\nkind: rest\ntimeout: "+timeout+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		if err = c.CheckTimeout(); (err == nil) != (want == "") || err != nil && (!strings.HasPrefix(err.Error(), want) || !errors.Is(err, ErrConfig)) {
			t.Errorf("%s: got %v, want %q", timeout, err, want)
		}
	}
}

func TestAKeyBesideTheOwnPartHasItsLine(t *testing.T) {
	c, err := ParseConnection("shop.yaml", []byte(located))
	if err != nil {
		t.Fatal(err)
	}
	for want, err := range map[string]error{
		"shop.yaml:5: rest.match: x: connection is wrong": c.Wrong("match", "x"),
		"shop.yaml:4: secrets.token: no such variable": func() error {
			_, err := c.Resolve(func(Ref) (string, error) { return "", errors.New("no such variable") })
			return err
		}(),
		"shop.yaml:11: rest.resources.1.path.deep: z: connection is wrong": c.Wrong("resources.1.path.deep", "z"),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
