package matomo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"einsicht/internal/connector"
)

type form = url.Values

// ask calls a method of the Reporting API and reads its answer. All parameters
// go in the body, the token with them.
func (s *statistics) ask(ctx context.Context, method string, more form, v any) error {
	return s.askAs(ctx, s.token, method, more, v)
}

func (s *statistics) askAs(ctx context.Context, token, method string, more form, v any) error {
	f := form{"module": {"API"}, "method": {method}, "format": {"json"}, "language": {"de"}, "token_auth": {token}}
	for k, values := range more {
		f[k] = values
	}
	var raw json.RawMessage
	headers := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	_, err := s.client.JSON(ctx, http.MethodPost, "/index.php", nil, headers, strings.NewReader(f.Encode()), &raw)
	if err != nil {
		return placed(err, method)
	}
	return decode(method, raw, v)
}

// placed says by which method something failed, since all have one path.
func placed(err error, method string) error {
	f, ok := err.(*connector.Failure)
	switch {
	case errors.Is(err, connector.ErrBusy): // nobody was asked
		return err
	case !ok:
		return connector.Fail(connector.ErrBroken, method, "", err)
	}
	again := *f
	again.Place = method
	return &again
}

// longestError is more than any message of Matomo has.
const longestError = 64 << 10

// decode reads an answer. Errors of Matomo come with the status of success, as
// {"result":"error","message":…}.
func decode(method string, raw []byte, v any) error {
	raw = bytes.TrimSpace(raw)
	if len(raw) < longestError && bytes.HasPrefix(raw, []byte("{")) {
		var said struct {
			Result  json.RawMessage `json:"result"`
			Message string          `json:"message"`
		}
		if err := json.Unmarshal(raw, &said); err == nil && string(said.Result) == `"error"` {
			return refused(method, said.Message)
		}
	}
	if whole, ok := v.(*json.RawMessage); ok {
		*whole = raw
		return nil
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return connector.Fail(connector.ErrBroken, method, "not the JSON that was expected", nil)
	}
	return nil
}

const noAccess = "token or access"

// refused translates a message of Matomo, which may quote what was asked and is
// not handed on. There are no codes.
func refused(method, message string) error {
	m := strings.ToLower(message)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(m, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("authenticate", "token_auth", "access", "permission"):
		return connector.Fail(connector.ErrConfig, method, noAccess, nil)
	case has("does not exist", "not available", "unexpected website", "not activated", "supported segment", "segment condition", "disabled"):
		return connector.Fail(connector.ErrConfig, method, "site, plugin or segment", nil)
	case has("mysql", "sqlstate", "gone away", "too many connections", "maintenance", "execution time"):
		return connector.Fail(connector.ErrUnreachable, method, "database", nil)
	}
	return connector.Fail(connector.ErrBroken, method, "refused", nil)
}

// number is a number that may come as text.
type number int64

// UnmarshalJSON takes 17 and "17"; null and "" are 0.
func (n *number) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if s == "null" || s == "" || s == "false" {
		*n = 0
		return nil
	}
	i, err := strconv.ParseInt(s, 10, 64)
	*n = number(i)
	return err
}

// truth is true, 1 or "1".
type truth bool

// UnmarshalJSON reads them all.
func (t *truth) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	*t = s == "true" || s == "1"
	return nil
}

// text is a value of any sort as people read it.
type text string

// UnmarshalJSON takes text, numbers, lists and objects.
func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	switch {
	case string(b) == "null" || string(b) == "false":
	case len(b) > 1 && b[0] == '"' && bytes.IndexByte(b, '\\') < 0:
		s = string(b[1 : len(b)-1]) // most are, and there are many
	case len(b) > 0 && b[0] == '"':
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
	default:
		var flat bytes.Buffer
		if err := json.Compact(&flat, b); err != nil {
			return err
		}
		s = flat.String()
	}
	*t = text(s)
	return nil
}
