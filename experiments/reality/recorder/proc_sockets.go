package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"net"
	"os"
	"strconv"
)

// A procFile is a net/tcp of /proc: rows of "sl local remote st ...", numbers as hex (proc_net_tcp.rst).
type procFile string

func (path procFile) count() (socketCount, error) {
	found := socketCount{byRemote: map[string]int{}}
	file, err := os.Open(string(path))
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
		if err == nil && state != listening {
			found.add(byte(state), func() string { return fromProc(string(fields[2])) })
		}
	}
	return found, rows.Err()
}

// fromProc reads an address that was written as one number of the machine's own order: 0B004D0A:1F90 is
// 10.77.0.11:8080 on a little-endian one.
func fromProc(text string) string {
	number, err := hex.DecodeString(text[:8] + text[9:])
	if err != nil || len(number) != 6 {
		return text
	}
	address := binary.NativeEndian.AppendUint32(nil, binary.BigEndian.Uint32(number))
	return net.JoinHostPort(net.IP(address).String(), strconv.Itoa(int(binary.BigEndian.Uint16(number[4:]))))
}
