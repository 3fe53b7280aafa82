package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"unsafe"
)

// tunName is what the device is called in both namespaces.
const tunName = "lab0"

// setns is in no table of package syscall (arch/x86/entry/syscalls, include/uapi/asm-generic/unistd.h).
var setns = map[string]uintptr{"amd64": 308, "arm64": 268}

// openTun makes a TUN device in a named network namespace. It exists as long as the file is open.
func openTun(namespace string) (*os.File, error) {
	type result struct {
		file *os.File
		err  error
	}
	done := make(chan result)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread is in another namespace and ends with the goroutine
		file, err := openTunIn(filepath.Join("/run/netns", namespace))
		done <- result{file, err}
	}()
	found := <-done
	return found.file, found.err
}

func openTunIn(namespace string) (*os.File, error) {
	number, known := setns[runtime.GOARCH]
	if !known {
		return nil, fmt.Errorf("link: tun is not written for %s; use veth", runtime.GOARCH)
	}
	space, err := os.Open(namespace)
	if err != nil {
		return nil, err
	}
	defer space.Close()
	if _, _, errno := syscall.RawSyscall(number, space.Fd(), syscall.CLONE_NEWNET, 0); errno != 0 {
		return nil, fmt.Errorf("setns %s: %w", namespace, errno)
	}
	fd, err := syscall.Open("/dev/net/tun", syscall.O_RDWR|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("/dev/net/tun: %w", err)
	}
	var request struct { // struct ifreq of linux/if.h
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}
	copy(request.name[:], tunName)
	request.flags = syscall.IFF_TUN | syscall.IFF_NO_PI
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.TUNSETIFF, uintptr(unsafe.Pointer(&request)))
	if errno != 0 {
		return nil, fmt.Errorf("TUNSETIFF: %w", errno)
	}
	return os.NewFile(uintptr(fd), tunName), nil
}
