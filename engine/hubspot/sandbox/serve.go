package sandbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// DefaultAddr is the address on which Serve listens by default.
const DefaultAddr = "127.0.0.1:8787"

// Serve listens on addr ("" means DefaultAddr, port 0 any free one), calls
// ready with the base URL, and answers until ctx ends; then it lets the calls
// in flight finish, for five seconds at most, and returns nil. Addresses that
// other machines can reach are refused: the sandbox has no secrets to guard
// its data with.
func (s *Server) Serve(ctx context.Context, addr string, ready func(url string)) error {
	addr = cmp.Or(addr, DefaultAddr)
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("sandbox address: %w", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("sandbox address %s: not a loopback address", addr)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	if ready != nil {
		ready("http://" + listener.Addr().String())
	}
	select {
	case err := <-done:
		return fmt.Errorf("sandbox: %w", err)
	case <-ctx.Done():
	}
	// ctx is over; the calls in flight still deserve their answers.
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("sandbox: %w", err)
	}
	return nil
}
