package connectortest

import (
	"net/http"
	"net/http/httptest"
	"sync"
)

// Plug stands before a server that speaks HTTP and can be pulled, as a Cutter's. Each
// question has a connection of its own: on one that was used before, the library would
// ask again by itself where a question only reads.
type Plug struct {
	Next http.Handler

	mu      sync.Mutex
	pulling bool
	left    int // halves of questions until it is pulled
}

// Cut is that of a Cutter.
func (p *Plug) Cut(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pulling, p.left = n >= 0, n
}

// half says how many halves are left before this question; negative: it is not pulled.
func (p *Plug) half() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.pulling {
		return -1
	}
	left := p.left
	p.left -= 2
	p.pulling = left >= 2
	return left
}

func (p *Plug) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch p.half() {
	case 0:
		panic(http.ErrAbortHandler)
	case 1:
		p.Next.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Connection", "close")
	p.Next.ServeHTTP(w, r)
}
