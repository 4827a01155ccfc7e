package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"

	"salesbot/insights"
)

// listen opens an address of this machine.
func listen(ctx context.Context, address string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, listenFault(address, err)
	}
	return listener, nil
}

// serveHTTP serves until the context ends. It cuts what is open then: long
// polls and sockets would hold a graceful stop.
func serveHTTP(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// listenFault says why an address cannot be listened on and what to do.
func listenFault(address string, err error) error {
	fault := &insights.Error{Code: "listen", Message: fmt.Sprintf("Cannot listen on %s: %v.", address, err), Hint: "Choose another address with --listen.", Err: err}
	if errors.Is(err, syscall.EADDRINUSE) {
		fault.Message = fmt.Sprintf("Something already listens on %s, perhaps another salesbot.", address)
		fault.Hint = "Stop it, or choose another address with --listen 127.0.0.1:0."
	}
	return fault
}
