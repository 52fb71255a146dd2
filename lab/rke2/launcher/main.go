// The main process of the stand-in's services, so that /proc/PID/exe is a program named rke2 that tells its version, as
// it is with RKE2. Everything else is in TypeScript: it is run by Node beside it, which ends with this process.
package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// What a release is called stands behind the program in its file, so that a running one tells its own after an upgrade.
const mark = "\nrke2-release "

func release() string {
	file, err := os.Open("/proc/self/exe")
	if err != nil {
		return ""
	}
	defer file.Close()
	if _, err := file.Seek(-256, io.SeekEnd); err != nil {
		return ""
	}
	end, err := io.ReadAll(file)
	if err != nil {
		return ""
	}
	at := strings.LastIndex(string(end), mark)
	if at < 0 {
		return ""
	}
	return strings.TrimSpace(string(end[at+len(mark):]))
}

func main() {
	args := os.Args[1:]
	if len(args) == 1 && (args[0] == "--version" || args[0] == "-v") {
		fmt.Printf("rke2 version %s\ngo version go1.24.6 X:boringcrypto\n", release())
		return
	}
	own, err := os.Executable()
	if err != nil {
		fail(err)
	}
	node := os.Getenv("RKE2_LAB_NODE")
	if node == "" {
		node = "/opt/lab/node/bin/node"
	}
	program := filepath.Join(filepath.Dir(filepath.Dir(own)), "share", "rke2", "rke2.js")
	command := exec.Command(node, append([]string{program}, args...)...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	command.Env = append(os.Environ(), fmt.Sprintf("RKE2_LAB_MAIN_PID=%d", os.Getpid()))
	// The kernel ends Node with the thread that started it.
	runtime.LockOSThread()
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT)
	if err := command.Start(); err != nil {
		fail(err)
	}
	go func() {
		for received := range signals {
			_ = command.Process.Signal(received)
		}
	}()
	_ = command.Wait()
	if status, ok := command.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		os.Exit(128 + int(status.Signal()))
	}
	os.Exit(command.ProcessState.ExitCode())
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
