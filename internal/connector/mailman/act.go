package mailman

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"einsicht/internal/connector"
	"einsicht/internal/connector/httpapi"
)

// refusal is a change that Mailman does not make. Others go on.
type refusal struct {
	state  connector.EffectState
	reason string
}

// act makes one change. Each is one question, which Mailman does in a transaction of
// its own, but for an address that is its account's preferred one: that it is no longer
// goes before.
func (l *lists) act(ctx context.Context, d deed, r record) (*refusal, error) {
	path, values := paths[d.name], d.values()
	switch {
	case d.Do == connector.CanRectify:
		return l.tell(ctx, http.MethodPatch, path, values, url.Values{"display_name": {d.Values[displayed].Reveal()}})
	case d.Do == connector.CanRestrict:
		return l.mark(ctx, d, r)
	}
	discard := url.Values{"action": {"discard"}}
	switch d.name {
	case requestForm.name:
		values.Set("token", r.token)
		return l.tell(ctx, http.MethodPost, path, values, discard)
	case heldForm.name:
		return l.tell(ctx, http.MethodPost, path, values, discard)
	case banForm.name:
		if path = "/bans/{key}"; d.list != "" {
			path = "/lists/{list}" + path
		}
	case addressForm.name:
		if said, err := l.unprefer(ctx, r); err != nil || said != nil {
			return said, err
		}
	}
	return l.tell(ctx, http.MethodDelete, path, values, nil)
}

// mark sets the mark of a restriction, or takes it away.
func (l *lists) mark(ctx context.Context, d deed, r record) (*refusal, error) {
	const path = "/members/{key}/preferences"
	status := byModerator
	if d.Lift {
		if status = r.lifted(); status == "" { // it is the only setting: all can go
			return l.tell(ctx, http.MethodDelete, path, d.values(), nil)
		}
	}
	return l.tell(ctx, http.MethodPatch, path, d.values(), url.Values{deliveryStatus: {status}})
}

// unprefer lets an account no longer prefer an address: a database that looks after
// its references would not let the address go.
func (l *lists) unprefer(ctx context.Context, r record) (*refusal, error) {
	account := accountOf(r.entry)
	if account == "" {
		return nil, nil
	}
	byID := url.Values{"key": {account}}
	preferred, there, err := l.get(ctx, "/users/{key}/preferred_address", byID)
	if err != nil || !there || preferred.text("email") != r.key {
		return nil, err
	}
	return l.tell(ctx, http.MethodDelete, "/users/{key}/preferred_address", byID, nil)
}

// tell puts a question that changes something. A refusal of it stops no other; whatever
// leaves open whether it was heard is an error.
func (l *lists) tell(ctx context.Context, method, path string, values, form url.Values) (*refusal, error) {
	values = only(values, path)
	if method == http.MethodDelete && path == paths[memberForm.name] {
		// Else the list's own rules decide: the member, or a moderator, would be asked.
		values.Set("pre_confirmed", "true")
		values.Set("pre_approved", "true")
	}
	headers := http.Header{"Accept": {"application/json"}}
	body := strings.NewReader(form.Encode())
	if form != nil {
		headers.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := l.client.Do(ctx, method, path, values, headers, body)
	if err == nil {
		resp.Body.Close()
		return nil, nil
	}
	var ours *connector.Failure
	switch {
	case httpapi.NotFound(err):
		return &refusal{state: connector.Missing}, nil
	case !errors.As(err, &ours):
		return nil, err
	case ours.Code == "401", ours.Code == "403", ours.Code == "405":
		return &refusal{connector.Denied, becauseDenied}, nil
	case ours.Code == "400", ours.Code == "409", ours.Code == "412", ours.Code == "422":
		return &refusal{connector.Hindered, becauseRefused}, nil
	}
	return nil, err
}
