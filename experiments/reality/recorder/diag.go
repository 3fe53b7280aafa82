package main

import (
	"encoding/binary"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// The constants and sizes of linux/sock_diag.h and linux/inet_diag.h.
const (
	netlinkSockDiag  = 4
	sockDiagByFamily = 20
	diagRequestBytes = 56 // struct inet_diag_req_v2
	diagMessageBytes = 72 // struct inet_diag_msg
	atRemotePort     = 6
	atRemoteAddress  = 24
	netlinkHeader    = 16
)

// A diag asks the kernel for all TCP sockets of the namespace in which it was opened.
type diag struct {
	fd      int
	request []byte
	buffer  []byte
}

func openDiag(namespace string) (*diag, error) {
	asked := &diag{request: diagRequest(), buffer: make([]byte, 1<<18)}
	err := inNamespace(namespace, func() (err error) {
		asked.fd, err = syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, netlinkSockDiag)
		return err
	})
	if err != nil {
		return nil, err
	}
	if _, err := asked.count(); err != nil {
		syscall.Close(asked.fd)
		return nil, err
	}
	return asked, nil
}

// diagRequest asks for a dump of IPv4's TCP sockets in every state but LISTEN.
func diagRequest() []byte {
	order := binary.NativeEndian
	request := order.AppendUint32(nil, netlinkHeader+diagRequestBytes)
	request = order.AppendUint16(request, sockDiagByFamily)
	request = order.AppendUint16(request, syscall.NLM_F_REQUEST|syscall.NLM_F_DUMP)
	request = append(request, make([]byte, 8)...)
	request = append(request, syscall.AF_INET, syscall.IPPROTO_TCP, 0, 0)
	request = order.AppendUint32(request, (1<<(newSynRecv+1)-1)&^(1<<listening))
	return append(request, make([]byte, netlinkHeader+diagRequestBytes-len(request))...)
}

func (d *diag) count() (socketCount, error) {
	found := socketCount{byRemote: map[string]int{}}
	if err := syscall.Sendto(d.fd, d.request, 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
		return found, err
	}
	for {
		n, _, err := syscall.Recvfrom(d.fd, d.buffer, 0)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return found, err
		}
		if done, err := found.addMessages(d.buffer[:n]); done || err != nil {
			return found, err
		}
	}
}

// addMessages takes one datagram of the dump; true where it was the last.
func (s *socketCount) addMessages(messages []byte) (bool, error) {
	for len(messages) >= netlinkHeader {
		length := int(binary.NativeEndian.Uint32(messages))
		if length < netlinkHeader || length > len(messages) {
			break
		}
		switch binary.NativeEndian.Uint16(messages[4:]) {
		case syscall.NLMSG_DONE:
			return true, nil
		case syscall.NLMSG_ERROR:
			return true, fmt.Errorf("sock_diag: error %d", int32(binary.NativeEndian.Uint32(messages[netlinkHeader:])))
		}
		if one := messages[netlinkHeader:length]; len(one) >= diagMessageBytes {
			s.add(one[1], func() string { return remoteOf(one) })
		}
		messages = messages[min((length+3)&^3, len(messages)):]
	}
	return false, nil
}

func remoteOf(message []byte) string {
	port := binary.BigEndian.Uint16(message[atRemotePort:])
	return net.JoinHostPort(net.IP(message[atRemoteAddress:atRemoteAddress+4]).String(), strconv.Itoa(int(port)))
}
