package main

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
)

// A recordingDialer is the net.Dialer of the case, which remembers every connection that it made or failed to make.
type recordingDialer struct {
	net.Dialer
	clock clock

	mu    sync.Mutex
	conns []*clientConn // in the order in which dials ended; a connection's id is its place

	dialing, open atomic.Int64
}

func (d *recordingDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	dialed := d.clock.now()
	d.dialing.Add(1)
	made, err := d.Dialer.DialContext(ctx, network, address)
	d.dialing.Add(-1)
	conn := &clientConn{Conn: made, dialer: d, dialed: dialed, connected: d.clock.now()}
	if err != nil {
		conn.closed.Store(true)
		conn.readError = "dial: " + lastPart(err)
		d.add(conn)
		return nil, err
	}
	d.open.Add(1)
	d.add(conn)
	return conn, nil
}

func (d *recordingDialer) add(conn *clientConn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	conn.id = len(d.conns)
	d.conns = append(d.conns, conn)
}

// all is every connection so far; those of a live run still change.
func (d *recordingDialer) all() []*clientConn {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.conns[:len(d.conns):len(d.conns)]
}
