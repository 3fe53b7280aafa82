package main

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"sync"
	"sync/atomic"
)

// A backend is a net/http server of its own address, with the workers and the faults that its case asks for.
type backend struct {
	number      int
	settings    backendInput
	certificate tls.Certificate
	slots       chan struct{} // nil where workers are unlimited
	body        []byte

	paused   gate // shut: every read, write, accept and end of a handler waits
	refusing gate // shut: nothing is accepted (mode never-accept)
	refuses  bool // whether refusing is shut; only events change it
	stalling atomic.Bool

	mu     sync.Mutex
	server *http.Server // nil while it is dead
	conns  map[*serverConn]struct{}

	accepted, inflight, queue, served atomic.Int64
}

func newBackend(number int, settings backendInput, certificate tls.Certificate) *backend {
	b := &backend{number: number, settings: settings, certificate: certificate}
	b.conns = map[*serverConn]struct{}{}
	b.body = make([]byte, settings.BodyBytes)
	for i := range b.body {
		b.body[i] = 'x'
	}
	if settings.Workers > 0 {
		b.slots = make(chan struct{}, settings.Workers)
	}
	return b
}

// start listens and serves; it is what revives a dead backend, too.
func (b *backend) start() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.server != nil {
		return nil
	}
	socket, err := listen(b.settings.IP, b.settings.Port, b.settings.Backlog)
	if err != nil {
		return err
	}
	b.server = b.configured()
	listener := &serverListener{Listener: socket, backend: b}
	if b.settings.Proto == "http" {
		go b.server.Serve(listener)
	} else {
		go b.server.ServeTLS(listener, "", "")
	}
	return nil
}

func (b *backend) configured() *http.Server {
	server := &http.Server{
		Handler:     http.HandlerFunc(b.answer),
		IdleTimeout: toDuration(b.settings.IdleTimeout),
		ErrorLog:    log.New(io.Discard, "", 0), // handshakes that clients gave up are expected
		Protocols:   &http.Protocols{},
		HTTP2:       &http.HTTP2Config{MaxConcurrentStreams: b.settings.MaxConcurrentStreams},
		TLSConfig:   &tls.Config{Certificates: []tls.Certificate{b.certificate}},
	}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetHTTP2(b.settings.Proto == "h2")
	server.SetKeepAlivesEnabled(!b.settings.KeepAlivesDisabled)
	return server
}

// die closes the listener and all connections at once.
func (b *backend) die() {
	b.mu.Lock()
	server, conns := b.server, b.conns
	b.server, b.conns = nil, map[*serverConn]struct{}{}
	b.mu.Unlock()
	if server == nil {
		return
	}
	server.Close()
	for conn := range conns {
		conn.Close()
	}
}

func (b *backend) setMode(mode string) {
	b.stalling.Store(mode == "tls-stall")
	if refuses := mode == "never-accept"; refuses != b.refuses {
		b.refuses = refuses
		b.refusing.set(refuses)
	}
}

func (b *backend) open() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.conns)
}
