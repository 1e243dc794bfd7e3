package keyring

import (
	"container/list"
	"sync"
	"time"
)

// cache remembers a bounded number of unwrapped keys for a short time.
type cache[K comparable, V any] struct {
	mu     sync.Mutex
	max    int
	ttl    time.Duration
	now    func() time.Time
	order  *list.List // most recently used first
	items  map[K]*list.Element
	barred map[K]time.Time
}

type remembered[K comparable, V any] struct {
	key   K
	value V
	until time.Time
}

func newCache[K comparable, V any](max int, ttl time.Duration) *cache[K, V] {
	return &cache[K, V]{max: max, ttl: ttl, now: time.Now, order: list.New(), items: map[K]*list.Element{}, barred: map[K]time.Time{}}
}

func (c *cache[K, V]) get(key K) (value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.items[key]
	if !ok {
		return value, false
	}
	r := e.Value.(remembered[K, V])
	if !c.now().Before(r.until) {
		c.remove(e)
		return value, false
	}
	c.order.MoveToFront(e)
	return r.value, true
}

func (c *cache[K, V]) put(key K, value V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if until, barred := c.barred[key]; barred && now.Before(until) {
		return
	}
	if e, ok := c.items[key]; ok {
		c.remove(e)
	}
	c.items[key] = c.order.PushFront(remembered[K, V]{key, value, now.Add(c.ttl)})
	for c.order.Len() > c.max {
		c.remove(c.order.Back())
	}
}

// bar forgets a key and keeps it out for a while: until the transaction that
// destroyed it is settled, another one still reads it.
func (c *cache[K, V]) bar(key K, d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	for k, until := range c.barred {
		if !now.Before(until) {
			delete(c.barred, k)
		}
	}
	c.barred[key] = now.Add(d)
	if e, ok := c.items[key]; ok {
		c.remove(e)
	}
}

func (c *cache[K, V]) remove(e *list.Element) {
	delete(c.items, e.Value.(remembered[K, V]).key)
	c.order.Remove(e)
}
