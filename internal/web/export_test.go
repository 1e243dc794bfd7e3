package web

import (
	"time"

	"einsicht/internal/web/reply"
)

// AnswerWithin bounds how long every answer may take.
func (a *App) AnswerWithin(d time.Duration) {
	a.answerTime = func(reply.Class) time.Duration { return d }
}
