package deadline

import (
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/notification"
)

// PostExtensionBy returns the last working day on which a notice of extension can
// be posted so that it counts as received within month one. Art. 12(3) sentence 3
// says only that the authority informs the person by then; a notice that has
// arrived is in time under every reading of that.
//
// There is none while the clock rests, when nothing ends, and none once extended.
func (r Reckoning) PostExtensionBy(land calendar.Land) (calendar.Date, bool) {
	if r.Extended {
		return calendar.Date{}, false
	}
	return postBy(r.MonthOneEnd, land)
}

// PostAnswerBy returns the last working day on which the answer itself can be
// posted so that it counts as received when it is due.
func (r Reckoning) PostAnswerBy(land calendar.Land) (calendar.Date, bool) { return postBy(r.Due, land) }

func postBy(end *calendar.Date, land calendar.Land) (calendar.Date, bool) {
	if end == nil {
		return calendar.Date{}, false
	}
	post, ok := notification.Find(notification.Post, *end)
	return post.LatestPosting(*end, land), ok
}
