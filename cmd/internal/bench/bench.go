// Package bench measures how fast a request is taken, how soon the program
// answers after a start, and how much memory it needs when nobody asks.
//
// It holds measurements only: "make bench" runs them. docs/bench.md says what
// they gave and on which machine.
package bench
