package web

import (
	"time"

	"einsicht/internal/web/reply"
)

// AnswerWithin bounds how long every answer may take.
func (a *App) AnswerWithin(d time.Duration) {
	a.answerTime = func(reply.Class) time.Duration { return d }
}

// LingerFor bounds how long it listens to a visitor it has answered already.
func (a *App) LingerFor(most, pause time.Duration, bytes int64, many int32) {
	a.linger = patience{most, pause, bytes, many}
}
