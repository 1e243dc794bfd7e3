package landscape

// server is a source that speaks its protocol in this process.
type server interface {
	Stop() error   // as an outage
	Resume() error // at the same address
	Close() error
}
