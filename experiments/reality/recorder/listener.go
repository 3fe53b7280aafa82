package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"
)

// listen opens a TCP listener with a backlog of its own; net.Listen knows only the system's.
func listen(ip string, port, backlog int) (net.Listener, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(fd), "listener")
	defer file.Close() // FileListener takes a copy
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		return nil, err
	}
	address := &syscall.SockaddrInet4{Port: port}
	copy(address.Addr[:], net.ParseIP(ip).To4())
	if err := syscall.Bind(fd, address); err != nil {
		return nil, fmt.Errorf("bind %s:%d: %w", ip, port, err)
	}
	if err := syscall.Listen(fd, backlog); err != nil {
		return nil, err
	}
	return net.FileListener(file)
}

// A serverListener accepts as the backend's mode and pauses let it.
type serverListener struct {
	net.Listener
	backend *backend
}

func (l *serverListener) Accept() (net.Conn, error) {
	for {
		l.backend.paused.wait()
		l.backend.refusing.wait()
		accepted, err := l.Listener.Accept()
		l.backend.paused.wait() // what the kernel had accepted already waits here
		l.backend.refusing.wait()
		if err != nil {
			return nil, err
		}
		conn := l.backend.track(accepted)
		if !l.backend.stalling.Load() {
			return conn, nil
		}
		go conn.swallow()
	}
}

func (b *backend) track(accepted net.Conn) *serverConn {
	conn := &serverConn{Conn: accepted, backend: b}
	b.accepted.Add(1)
	b.mu.Lock()
	b.conns[conn] = struct{}{}
	b.mu.Unlock()
	return conn
}

// A serverConn stops at the backend's gate before and after every read, and before every write.
type serverConn struct {
	net.Conn
	backend *backend
	closed  atomic.Bool
}

func (c *serverConn) Read(into []byte) (int, error) {
	c.backend.paused.wait()
	n, err := c.Conn.Read(into)
	c.backend.paused.wait()
	return n, err
}

func (c *serverConn) Write(from []byte) (int, error) {
	c.backend.paused.wait()
	return c.Conn.Write(from)
}

func (c *serverConn) Close() error {
	if !c.closed.Swap(true) {
		c.backend.mu.Lock()
		delete(c.backend.conns, c)
		c.backend.mu.Unlock()
	}
	return c.Conn.Close()
}

// swallow takes what comes and never answers, until the peer gives up (mode tls-stall).
func (c *serverConn) swallow() {
	io.Copy(io.Discard, c)
	c.Close()
}
