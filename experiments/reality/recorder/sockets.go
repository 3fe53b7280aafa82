package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"strconv"
)

// socketStates are the columns of the samples, with the numbers of include/net/tcp_states.h.
var socketStates = []struct {
	name   string
	number byte
}{
	{"estab", 1}, {"syn_sent", 2}, {"syn_recv", 3}, {"fin_wait1", 4}, {"fin_wait2", 5}, {"time_wait", 6},
	{"close_wait", 8}, {"last_ack", 9}, {"closing", 11},
}

const (
	established = 1
	newSynRecv  = 12 // shown for a request socket by some kernels
	mostStates  = 16
)

// A socketCount is how many sockets of a namespace are in each state, and how many are established to an address.
type socketCount struct {
	states   [mostStates]int
	byRemote map[string]int
}

// countSockets reads a net/tcp of /proc: rows of "sl local rem st ...", addresses as little-endian hex and a port.
func countSockets(path string) (socketCount, error) {
	found := socketCount{byRemote: map[string]int{}}
	file, err := os.Open(path)
	if err != nil {
		return found, err
	}
	defer file.Close()
	rows := bufio.NewScanner(bufio.NewReaderSize(file, 1<<16))
	rows.Scan() // the heading
	for rows.Scan() {
		fields := bytes.Fields(rows.Bytes())
		if len(fields) < 4 {
			continue
		}
		state, err := strconv.ParseUint(string(fields[3]), 16, 8)
		if err != nil || state >= mostStates {
			continue
		}
		if state == newSynRecv {
			state = 3
		}
		found.states[state]++
		if state == established {
			found.byRemote[string(fields[2])]++
		}
	}
	return found, rows.Err()
}

// asInProc writes an address as /proc/net/tcp does, its bytes read as one number of the machine's own order:
// 0B004D0A:1F90 for 10.77.0.11:8080 on a little-endian one.
func asInProc(ip string, port int) string {
	return fmt.Sprintf("%08X:%04X", binary.NativeEndian.Uint32(net.ParseIP(ip).To4()), port)
}
