package main

import (
	"net"
	"sync"
	"sync/atomic"
)

// A clientConn is a connection of the Transport that notes when it was last read, when reading failed and when it
// was closed.
type clientConn struct {
	net.Conn
	dialer            *recordingDialer
	id                int
	dialed, connected instant
	requests          atomic.Int64
	closed            atomic.Bool

	mu                             sync.Mutex
	lastRead, readFailed, closedAt instant
	readError                      string
}

func (c *clientConn) Read(into []byte) (int, error) {
	n, err := c.Conn.Read(into)
	now := c.dialer.clock.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if n > 0 {
		c.lastRead = now
	}
	if err != nil && c.readFailed == 0 {
		c.readFailed, c.readError = now, lastPart(err)
	}
	return n, err
}

func (c *clientConn) Close() error {
	if !c.closed.Swap(true) {
		c.dialer.open.Add(-1)
		now := c.dialer.clock.now()
		c.mu.Lock()
		c.closedAt = now
		c.mu.Unlock()
	}
	return c.Conn.Close()
}

// port is the local port; 0 of a dial that failed.
func (c *clientConn) port() int {
	if c.Conn == nil {
		return 0
	}
	return c.LocalAddr().(*net.TCPAddr).Port
}

func (c *clientConn) remote() string {
	if c.Conn == nil {
		return ""
	}
	return c.RemoteAddr().String()
}

// asOurs finds the clientConn inside what httptrace hands out.
func asOurs(conn net.Conn) *clientConn {
	for conn != nil {
		if found, is := conn.(*clientConn); is {
			return found
		}
		wrapper, is := conn.(interface{ NetConn() net.Conn })
		if !is {
			return nil
		}
		conn = wrapper.NetConn()
	}
	return nil
}

var connColumns = []string{
	"conn_id", "t_dial", "t_connected", "lport", "remote", "nreq", "t_close", "t_read_err", "read_err", "t_last_read",
}

func (c *clientConn) row() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return []string{
		count(c.id), c.dialed.seconds(), c.connected.seconds(), count(c.port()), c.remote(),
		count(int(c.requests.Load())), c.closedAt.seconds(), c.readFailed.seconds(), c.readError, c.lastRead.seconds(),
	}
}
