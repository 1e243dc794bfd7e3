package keyring

import (
	"reflect"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
)

// The row of the keys stops a wrong authority or case before the seal is even
// tried; so the seal itself is asked here, for every field a slot ever gets.
func TestSealBindsEveryFieldOfASlot(t *testing.T) {
	home := string(place(casefile.Slot{}))
	fields := reflect.TypeFor[casefile.Slot]()
	for i := range fields.NumField() {
		var moved casefile.Slot
		switch f := reflect.ValueOf(&moved).Elem().Field(i); f.Interface().(type) {
		case string:
			f.SetString("x")
		case uuid.UUID:
			f.Set(reflect.ValueOf(uuid.New()))
		default:
			t.Fatalf("field %s is of a kind this test doesn't know", fields.Field(i).Name)
		}
		if string(place(moved)) == home {
			t.Errorf("the seal does not bind %s", fields.Field(i).Name)
		}
	}
}
