package keyring

import (
	"testing"
	"time"
)

func TestCacheForgets(t *testing.T) {
	now := time.Unix(0, 0)
	c := newCache[string, int](2, time.Minute)
	c.now = func() time.Time { return now }
	has := func(key string) bool { _, ok := c.get(key); return ok }

	c.put("a", 1)
	c.put("b", 2)
	has("a")
	c.put("c", 3)
	if !has("a") || has("b") || !has("c") {
		t.Error("over its bound: want the least recently used one gone, and it only")
	}
	now = now.Add(time.Minute)
	if has("a") || has("c") || len(c.items) != 0 {
		t.Error("after its time: want nothing remembered")
	}
	c.put("a", 1)
	c.bar("a", time.Minute)
	c.put("a", 1)
	if has("a") {
		t.Error("barred: want it not remembered")
	}
	now = now.Add(time.Minute)
	c.put("a", 1)
	if !has("a") {
		t.Error("after the bar: want it remembered again")
	}
	c.bar("b", time.Minute)
	if len(c.barred) != 1 {
		t.Errorf("got %d bars, want the settled one swept", len(c.barred))
	}
}
