package account

import (
	"fmt"
	"strings"

	"slipway.test/lab/terraform/cloud"
)

// PutFirewall makes a firewall, or writes one anew that has an id. The lab keeps its rules, and filters nothing.
func (a Account) PutFirewall(firewall *cloud.Firewall) error {
	method, path, operation := "POST", "/v2/firewalls", "firewall.create"
	if firewall.ID != "" {
		method, path, operation = "PUT", "/v2/firewalls/"+firewall.ID, "firewall.update"
	}
	rule, err := a.ask(method, path, operation, firewall.Name)
	if err != nil {
		return err
	}
	err = a.Cloud.Update(func(state *cloud.State) error {
		if firewall.ID != "" && state.Firewalls[firewall.ID] == nil {
			return NotFound(method, path)
		}
		if err := requireDroplets(state, method, path, firewall.Droplets); err != nil {
			return err
		}
		for id, other := range state.Firewalls {
			if other.Name == firewall.Name && id != firewall.ID {
				return refuse(method, path, 409, "duplicate name")
			}
		}
		if firewall.ID == "" {
			firewall.ID = cloud.NewID()
		}
		firewall.Status = "succeeded"
		state.Firewalls[firewall.ID] = firewall
		return nil
	})
	if err == nil {
		rule.Done()
	}
	return err
}

// PutLoadBalancer makes a load balancer, or writes one anew that has an id.
func (a Account) PutLoadBalancer(balancer *cloud.LoadBalancer) error {
	method, path, operation := "POST", "/v2/load_balancers", "load_balancer.create"
	if balancer.ID != "" {
		method, path, operation = "PUT", "/v2/load_balancers/"+balancer.ID, "load_balancer.update"
	}
	rule, err := a.ask(method, path, operation, balancer.Name)
	if err != nil {
		return err
	}
	err = a.Cloud.Update(func(state *cloud.State) error {
		there := state.LoadBalancers[balancer.ID]
		if balancer.ID != "" && there == nil {
			return NotFound(method, path)
		}
		if err := a.requireRegion(method, path, balancer.Region, "Region is not available"); err != nil {
			return err
		}
		if err := requireDroplets(state, method, path, balancer.Droplets); err != nil {
			return err
		}
		vpc, err := vpcFor(state, method, path, balancer.VPC, balancer.Region)
		if err != nil {
			return err
		}
		for id, other := range state.LoadBalancers {
			if other.Name == balancer.Name && id != balancer.ID {
				return refuse(method, path, 422, "Name is already in use on your account")
			}
		}
		balancer.VPC, balancer.Status = vpc.ID, "active"
		if there != nil {
			balancer.Address = there.Address
		} else {
			balancer.ID = cloud.NewID()
			if balancer.Address = a.freeAddress(state); balancer.Address == "" {
				return refuse(method, path, 422, "The load balancer limit of your account is reached")
			}
		}
		state.LoadBalancers[balancer.ID] = balancer
		return nil
	})
	if err == nil {
		rule.Done()
	}
	return err
}

// freeAddress gives one of the lab's network that no host gets.
func (a Account) freeAddress(state *cloud.State) string {
	taken := map[string]bool{}
	for _, balancer := range state.LoadBalancers {
		taken[balancer.Address] = true
	}
	network, isKnown := a.Cloud.Network()
	for number := 200; isKnown && number < 250; number++ {
		if address := fmt.Sprintf("%s.%d", network, number); !taken[address] {
			return address
		}
	}
	return ""
}

// Behind gives the droplets that a load balancer hands on to.
func Behind(state *cloud.State, balancer *cloud.LoadBalancer) []*cloud.Droplet {
	var behind []*cloud.Droplet
	for _, id := range balancer.Droplets {
		if droplet := state.Droplets[id]; droplet != nil {
			behind = append(behind, droplet)
		}
	}
	for _, droplet := range state.Droplets {
		for _, tag := range droplet.Tags {
			if balancer.Tag != "" && strings.EqualFold(tag, balancer.Tag) {
				behind = append(behind, droplet)
			}
		}
	}
	return behind
}
