package main

import "sync"

// A gate lets everybody through until it is shut, and then nobody until it is open as often as it was shut.
type gate struct {
	mu     sync.Mutex
	shut   int
	opened chan struct{}
}

func (g *gate) wait() {
	g.mu.Lock()
	shut, opened := g.shut > 0, g.opened
	g.mu.Unlock()
	if shut {
		<-opened
	}
}

func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut++; g.shut == 1 {
		g.opened = make(chan struct{})
	}
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut == 0 {
		return
	}
	if g.shut--; g.shut == 0 {
		close(g.opened)
	}
}

func (g *gate) set(shut bool) {
	if shut {
		g.close()
	} else {
		g.open()
	}
}
