package main

import (
	"encoding/binary"
	"net"
	"strings"
)

// namesAddress is where the client's resolver asks: in its own namespace, so that a delay of the link does not count.
const namesAddress = "127.0.0.1:53"

// playNames answers DNS questions for the case's one name; each answer begins with the next address.
func playNames(folder string, _ []string) error {
	in, err := readInput(folder)
	if err != nil {
		return err
	}
	socket, err := net.ListenPacket("udp4", namesAddress)
	if err != nil {
		return err
	}
	if _, err := startTogether(); err != nil {
		return err
	}
	go func() { untilDismissed(); socket.Close() }()
	zone := zone{name: in.Topology.DNSName}
	for _, address := range in.Topology.DNSAddrs {
		zone.addresses = append(zone.addresses, net.ParseIP(address).To4())
	}
	question := make([]byte, 1500)
	for {
		n, from, err := socket.ReadFrom(question)
		if err != nil {
			return nil // closed: dismissed
		}
		if answer := zone.answer(question[:n]); answer != nil {
			socket.WriteTo(answer, from)
		}
	}
}

// A zone has one name with several addresses, and remembers whose turn it is.
type zone struct {
	name      string
	addresses []net.IP
	turn      int
}

// The constants of RFC 1035, sections 3.2 and 4.1.1.
const (
	headerBytes   = 12
	typeA         = 1
	classInternet = 1
	isAnswer      = 0x8480 // QR, AA and RA
	nameUnknown   = 3
	nameOfAnswer  = 0xc00c // a pointer to the question's name
)

// answer makes the reply to a question: all addresses for A, none for the other types.
func (z *zone) answer(question []byte) []byte {
	name, end := questionName(question)
	if end == 0 || end+4 > len(question) {
		return nil
	}
	flags := uint16(isAnswer)
	var addresses []net.IP
	if !strings.EqualFold(name, z.name) {
		flags |= nameUnknown
	} else if binary.BigEndian.Uint16(question[end:]) == typeA {
		addresses = append(append(addresses, z.addresses[z.turn:]...), z.addresses[:z.turn]...)
		z.turn = (z.turn + 1) % len(z.addresses)
	}
	reply := append([]byte{}, question[:2]...)
	reply = binary.BigEndian.AppendUint16(reply, flags)
	for _, n := range []int{1, len(addresses), 0, 0} {
		reply = binary.BigEndian.AppendUint16(reply, uint16(n))
	}
	reply = append(reply, question[headerBytes:end+4]...)
	for _, address := range addresses {
		for _, n := range []uint16{nameOfAnswer, typeA, classInternet, 0, 0, net.IPv4len} { // time to live 0
			reply = binary.BigEndian.AppendUint16(reply, n)
		}
		reply = append(reply, address...)
	}
	return reply
}

// questionName reads the name of the first question, and where it ends; 0 where it does not.
func questionName(message []byte) (string, int) {
	var labels []string
	for at := headerBytes; at < len(message); {
		length := int(message[at])
		at++
		if length == 0 {
			return strings.Join(labels, "."), at
		}
		if length > 63 || at+length > len(message) {
			break
		}
		labels = append(labels, string(message[at:at+length]))
		at += length
	}
	return "", 0
}
