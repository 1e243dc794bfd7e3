package correspondence

import (
	"testing"

	"einsicht/internal/wording"
)

func TestEveryHappeningThatAnApplicantSeesHasItsSentence(t *testing.T) {
	for kind := range shown {
		if !wording.Has("citizen.event." + kind) {
			t.Errorf("%s: the applicant would read the key", kind)
		}
	}
}
