package main

import (
	"runtime"
	"syscall"
)

const prSetPdeathsig = 1 // linux/prctl.h, PR_SET_PDEATHSIG

// dieWithParent asks the kernel to end this process with the one that started it, so that a killed driver leaves
// nothing behind. The thread that asks must live on: the main goroutine keeps it.
func dieWithParent() error {
	runtime.LockOSThread()
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, prSetPdeathsig, uintptr(syscall.SIGKILL), 0); errno != 0 {
		return errno
	}
	runtime.UnlockOSThread()
	return nil
}
