package procedure

import "einsicht/internal/problem"

// Incomplete is a problem.Invalid at one field of a form; key is the sentence that
// says what to do.
func Incomplete(field, key string) error {
	err := problem.New(problem.Invalid, "desk.error.form")
	err.Fields = map[string]string{field: key}
	return err
}
