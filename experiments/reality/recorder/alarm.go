package main

import (
	"encoding/binary"
	"os"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

// An alarm is a timer of the kernel that the runtime waits for as it waits for a socket (timerfd_create(2)). The
// runtime's own timers end on whole milliseconds where nothing else happens (runtime/netpoll_epoll.go, netpoll), which
// would be recorded as delays of the servers and of the arrivals.
type alarm struct {
	fd   int
	file *os.File
}

const clockMonotonic = 1 // linux/time.h

var spareAlarms struct {
	mu   sync.Mutex
	list []*alarm
}

func takeAlarm() (*alarm, error) {
	spareAlarms.mu.Lock()
	defer spareAlarms.mu.Unlock()
	if last := len(spareAlarms.list) - 1; last >= 0 {
		one := spareAlarms.list[last]
		spareAlarms.list = spareAlarms.list[:last]
		return one, nil
	}
	flags := uintptr(syscall.O_NONBLOCK | syscall.O_CLOEXEC)
	fd, _, errno := syscall.RawSyscall(syscall.SYS_TIMERFD_CREATE, clockMonotonic, flags, 0)
	if errno != 0 {
		return nil, errno
	}
	return &alarm{int(fd), os.NewFile(fd, "alarm")}, nil
}

func (a *alarm) giveBack() {
	a.file.SetReadDeadline(time.Time{})
	spareAlarms.mu.Lock()
	defer spareAlarms.mu.Unlock()
	spareAlarms.list = append(spareAlarms.list, a)
}

// set starts the timer anew, and forgets what it did before.
func (a *alarm) set(after time.Duration) error {
	spec := [2]syscall.Timespec{1: syscall.NsecToTimespec(int64(max(after, 1)))} // struct itimerspec: interval, value
	_, _, errno := syscall.RawSyscall6(
		syscall.SYS_TIMERFD_SETTIME, uintptr(a.fd), 0, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// wait waits for the end of the time that was set; false where interrupt came first.
func (a *alarm) wait() bool {
	var times [8]byte
	n, err := a.file.Read(times[:])
	return err == nil && n == len(times) && binary.NativeEndian.Uint64(times[:]) > 0
}

func (a *alarm) interrupt() {
	a.file.SetReadDeadline(time.Unix(0, 1))
}

// sleep is time.Sleep to some ten microseconds; where the kernel has no timer for us, it is time.Sleep.
func sleep(duration time.Duration) {
	if duration <= 0 {
		return
	}
	begun := time.Now()
	if one, err := takeAlarm(); err == nil {
		if one.set(duration) == nil {
			one.wait()
		}
		one.giveBack()
	}
	time.Sleep(duration - time.Since(begun))
}
