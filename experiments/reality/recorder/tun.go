package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"unsafe"
)

// tunName is what the device is called in both namespaces.
const tunName = "lab0"

// openTun makes a TUN device in a named network namespace. It exists as long as the file is open.
func openTun(namespace string) (made *os.File, err error) {
	err = inNamespace(filepath.Join("/run/netns", namespace), func() error {
		fd, err := syscall.Open("/dev/net/tun", syscall.O_RDWR|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("/dev/net/tun: %w", err)
		}
		var request struct { // struct ifreq of linux/if.h
			name  [syscall.IFNAMSIZ]byte
			flags uint16
			_     [22]byte
		}
		copy(request.name[:], tunName)
		request.flags = syscall.IFF_TUN | syscall.IFF_NO_PI
		what := uintptr(unsafe.Pointer(&request))
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.TUNSETIFF, what); errno != 0 {
			return fmt.Errorf("TUNSETIFF: %w", errno)
		}
		made = os.NewFile(uintptr(fd), tunName)
		return nil
	})
	return made, err
}
