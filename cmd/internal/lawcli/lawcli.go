// Package lawcli answers questions about the law on the command line, without
// a case and without a database.
package lawcli
