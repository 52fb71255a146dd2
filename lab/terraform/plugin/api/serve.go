package api

import (
	"net"
	"net/http"
	"os"

	"slipway.test/lab/terraform/cloud"
)

// serve answers on a free port; the file gets its address once it listens.
func serve(c *cloud.Cloud, file string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", []byte("http://"+listener.Addr().String()+"\n"), 0o600); err != nil {
		return err
	}
	if err := os.Rename(file+".new", file); err != nil {
		return err
	}
	return http.Serve(listener, http.NotFoundHandler())
}
