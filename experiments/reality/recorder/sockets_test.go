package main

import (
	"net"
	"os"
	"testing"
)

// Both ways of counting must see the same sockets: a listener that does not count, and a connection with two ends.
func TestSockDiagAndProcAgree(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	conn, err := net.Dial("tcp4", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	asked, err := openDiag("/proc/self/ns/net")
	if err != nil {
		t.Skipf("no sock_diag: %v", err)
	}
	for name, counter := range map[string]socketCounter{"sock_diag": asked, "proc": procFile("/proc/self/net/tcp")} {
		found, err := counter.count()
		if err != nil {
			t.Fatal(err)
		}
		if found.byRemote[listener.Addr().String()] != 1 || found.states[established] < 2 || found.states[listening] != 0 {
			t.Errorf("%s in process %d sees %+v", name, os.Getpid(), found)
		}
	}
}
