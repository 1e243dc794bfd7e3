// Package casefile is the case (Vorgang) as one table: in which state it is,
// what can happen to it, what must hold for that, which state follows and which
// job the program does next.
package casefile
