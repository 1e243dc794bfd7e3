// Package e2e goes through the portal as people do: in a real browser, against
// the demonstration as it is built and started for anybody, from the first
// question of a citizen to the downloaded answer.
//
// Nothing here reaches into the program. What the tests know beyond the pages is
// the table of routes, which the program prints, and the records that they
// themselves planted in the demonstration's systems.
package e2e
