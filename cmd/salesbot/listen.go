package main

import (
	"errors"
	"fmt"
	"syscall"

	"salesbot/insights"
)

// listenFault says why an address cannot be listened on and what to do.
func listenFault(address string, err error) error {
	fault := &insights.Error{Code: "listen", Message: fmt.Sprintf("Cannot listen on %s: %v.", address, err), Hint: "Choose another address with --listen.", Err: err}
	if errors.Is(err, syscall.EADDRINUSE) {
		fault.Message = fmt.Sprintf("Something already listens on %s, perhaps another salesbot.", address)
		fault.Hint = "Stop it, or choose another address with --listen 127.0.0.1:0."
	}
	return fault
}
