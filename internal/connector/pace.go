package connector

import "context"

// Paced returns the connection with what is to be waited for before each request
// to its system. Whoever opens connections sets it.
func (c Connection) Paced(wait func(context.Context) error) Connection {
	c.pace = wait
	return c
}

// Wait waits until the system may be asked once more. Kinds that put many requests
// for one question, such as those that ask over the web, call it before each.
func (c Connection) Wait(ctx context.Context) error {
	if c.pace == nil {
		return nil
	}
	return c.pace(ctx)
}
