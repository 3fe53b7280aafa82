package main

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
	synRecv     = 3
	listening   = 10
	newSynRecv  = 12 // how the kernel calls a request socket among its own
	mostStates  = 16
)

// A socketCount is how many sockets of a namespace are in each state, and how many are established to an address.
type socketCount struct {
	states   [mostStates]int
	byRemote map[string]int
}

func (s *socketCount) add(state byte, remote func() string) {
	if state == newSynRecv {
		state = synRecv
	}
	if state >= mostStates {
		return
	}
	s.states[state]++
	if state == established {
		s.byRemote[remote()]++
	}
}

// A socketCounter counts the sockets of one namespace.
type socketCounter interface {
	count() (socketCount, error)
}

// newSocketCounter counts in the namespace of a process: through sock_diag(7), or, where the kernel has it not, from
// /proc/PID/net/tcp, which takes thirty times as long (4.6 against 0.16 ms of CPU in a table of 262,144 buckets).
func newSocketCounter(process string) socketCounter {
	asked, err := openDiag("/proc/" + process + "/ns/net")
	if err != nil {
		return procFile("/proc/" + process + "/net/tcp")
	}
	return asked
}
