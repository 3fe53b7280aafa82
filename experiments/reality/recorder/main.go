// The recorder plays one recorded case for real: net/http's client against net/http's server, in two network
// namespaces of one machine, and writes down what happened. `sim record` starts it, one process for each role.
package main

import (
	"fmt"
	"os"
	"runtime"
)

// A role gets the folder of the run and what else its command line says.
type role struct {
	play  func(folder string, rest []string) error
	usage string
}

var roles = map[string]role{
	"server": {playServer, "FOLDER"},
	"client": {playClient, "FOLDER SERVER_PID"},
	"link":   {playLink, "FOLDER CLIENT_NAMESPACE SERVER_NAMESPACE"},
	"names":  {playNames, "FOLDER"},
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "version" {
		fmt.Println(runtime.Version())
		return
	}
	if len(os.Args) < 3 || roles[os.Args[1]].play == nil {
		fmt.Fprintln(os.Stderr, "usage: recorder version | server|client|link|names FOLDER ...; `sim record` writes the folder")
		os.Exit(2)
	}
	if err := dieWithParent(); err != nil {
		fail(err)
	}
	if err := roles[os.Args[1]].play(os.Args[2], os.Args[3:]); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", os.Args[1], err)
	os.Exit(1)
}
