package api

import (
	"fmt"
	"io"
	"log"
	"net"
	"os/exec"
	"sync/atomic"
	"time"

	"slipway.test/lab/terraform/account"
	"slipway.test/lab/terraform/cloud"
)

// How often the load balancers that there are to be are compared with those that listen.
const compareEvery = 200 * time.Millisecond

// forward does what load balancers do: each has an address of the lab's network, on this machine, and hands connections on
// to its droplets in turn, past those that don't answer.
func forward(c *cloud.Cloud) {
	listening := map[string]net.Listener{}
	for ; ; time.Sleep(compareEvery) {
		state, err := c.Look()
		if err != nil {
			log.Print(err)
			continue
		}
		wanted := map[string]bool{}
		for id, balancer := range state.LoadBalancers {
			for _, rule := range balancer.Rules {
				entry := fmt.Sprintf("%s:%v", balancer.Address, rule["entry_port"])
				wanted[entry] = true
				if listening[entry] != nil {
					continue
				}
				if err := addAddress(c, balancer.Address); err != nil {
					log.Print(err)
				}
				listener, err := net.Listen("tcp", entry)
				if err != nil {
					log.Print(err)
					continue
				}
				listening[entry] = listener
				go accept(c, listener, id, fmt.Sprint(rule["entry_port"]))
			}
		}
		for entry, listener := range listening {
			if !wanted[entry] {
				listener.Close()
				delete(listening, entry)
			}
		}
	}
}

// addAddress gives the lab's bridge one more; it goes with the bridge.
func addAddress(c *cloud.Cloud, address string) error {
	output, err := exec.Command("ip", "address", "replace", address+"/24", "dev", c.Settings.Bridge).CombinedOutput()
	if err != nil {
		return fmt.Errorf("no address %s: %s", address, output)
	}
	return nil
}

func accept(c *cloud.Cloud, listener net.Listener, id, port string) {
	var turn atomic.Int64
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer client.Close()
			target := reach(c, id, port, int(turn.Add(1)))
			if target == nil {
				return
			}
			defer target.Close()
			go func() {
				io.Copy(target, client)
				target.(*net.TCPConn).CloseWrite()
			}()
			io.Copy(client, target)
		}()
	}
}

// reach gives a connection to the next droplet that answers; nil where none does.
func reach(c *cloud.Cloud, id, port string, turn int) net.Conn {
	state, err := c.Look()
	if err != nil || state.LoadBalancers[id] == nil {
		return nil
	}
	balancer := state.LoadBalancers[id]
	behind := account.Behind(state, balancer)
	for _, rule := range balancer.Rules {
		if fmt.Sprint(rule["entry_port"]) != port {
			continue
		}
		for index := range behind {
			droplet := behind[(turn+index)%len(behind)]
			target, err := net.DialTimeout("tcp", fmt.Sprintf("%s:%v", droplet.Address, rule["target_port"]), time.Second)
			if err == nil {
				return target
			}
		}
	}
	return nil
}
