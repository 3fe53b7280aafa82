package main

import (
	"net"
	"os"
	"time"
)

// playLink carries packets between the TUN devices of two namespaces, each packet one delay after it came.
func playLink(folder string, namespaces []string) error {
	in, err := readInput(folder)
	if err != nil {
		return err
	}
	near, err := openTun(namespaces[0])
	if err != nil {
		return err
	}
	far, err := openTun(namespaces[1])
	if err != nil {
		return err
	}
	clocks := make(chan clock, 2)
	delay := toDuration(in.Topology.OneWayDelay)
	go carry(near, far, delay, newOutages(in.Events), clocks)
	go carry(far, near, delay, newOutages(in.Events), clocks)
	shared, err := startTogether()
	if err != nil {
		return err
	}
	clocks <- shared
	clocks <- shared
	untilDismissed()
	return nil
}

// packetsUnderWay bounds the memory of a direction; more are lost, as in a router.
const packetsUnderWay = 1 << 16

type packet struct {
	content []byte
	due     time.Time
}

// carry reads packets and passes them to a second goroutine, which waits until they are due: the delay is constant,
// so they stay in order.
func carry(from, to *os.File, delay time.Duration, lost *outages, clocks <-chan clock) {
	underWay := make(chan packet, packetsUnderWay)
	go func() {
		for one := range underWay {
			sleep(time.Until(one.due))
			to.Write(one.content)
		}
	}()
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		now := time.Now()
		select {
		case lost.clock = <-clocks:
		default:
		}
		if lost.hit(buffer[:n], now) {
			continue
		}
		select {
		case underWay <- packet{append([]byte{}, buffer[:n]...), now.Add(delay)}:
		default:
		}
	}
}

// outages say whose packets vanish when (action drop).
type outages struct {
	clock  clock
	events []event
}

func newOutages(events []event) *outages {
	found := &outages{}
	for _, event := range events {
		if event.Action == "drop" {
			found.events = append(found.events, event)
		}
	}
	return found
}

func (o *outages) hit(content []byte, now time.Time) bool {
	if len(o.events) == 0 || o.clock.t0.IsZero() || len(content) < 20 || content[0]>>4 != 4 {
		return false
	}
	source, target := net.IP(content[12:16]), net.IP(content[16:20])
	for _, event := range o.events {
		address := net.ParseIP(event.IP)
		during := !now.Before(o.clock.at(event.T)) && now.Before(o.clock.at(event.T+event.Dur))
		if during && (address.Equal(source) || address.Equal(target)) {
			return true
		}
	}
	return false
}
