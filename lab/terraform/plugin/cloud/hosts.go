package cloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Host is what the lab tells of one that it has booted.
type Host struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	MAC     string `json:"mac"`
	Agent   bool   `json:"agent"`
}

// Boot is what a machine is booted with.
type Boot struct {
	Host     string
	UserData string
	// MetaData names the machine, or Hostname does.
	MetaData string
	Hostname string
	RootKeys []string
	User     string
	Address  string
}

// Boot boots a host of the lab and returns when it answers; one that is there and off is booted again.
func (c *Cloud) Boot(boot Boot) (Host, error) {
	var host Host
	folder, err := os.MkdirTemp("", "lab-cloud-")
	if err != nil {
		return host, err
	}
	defer os.RemoveAll(folder)
	args := []string{"add", c.Settings.Lab, boot.Host}
	for option, text := range map[string]string{"--user-data": boot.UserData, "--meta-data": boot.MetaData} {
		if text == "" {
			continue
		}
		file := filepath.Join(folder, strings.TrimLeft(option, "-"))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return host, err
		}
		args = append(args, option, file)
	}
	for option, word := range map[string]string{"--hostname": boot.Hostname, "--default-user": boot.User, "--address": boot.Address} {
		if word != "" {
			args = append(args, option, word)
		}
	}
	for _, key := range boot.RootKeys {
		args = append(args, "--root-key", key)
	}
	text, err := c.lab(args...)
	if err != nil {
		return host, err
	}
	return host, json.Unmarshal(text, &host)
}

// Kill pulls the plug of a host.
func (c *Cloud) Kill(host string) error {
	_, err := c.lab("kill", c.Settings.Lab, host)
	return err
}

// Remove removes a host, and is content where there is none.
func (c *Cloud) Remove(host string) error {
	_, err := c.lab("remove", c.Settings.Lab, host)
	return err
}

// lab runs the lab's command. It goes on when this process is killed, as what runs in a hypervisor would.
func (c *Cloud) lab(args ...string) ([]byte, error) {
	words := append(slices.Clone(c.Settings.Command), args...)
	command := exec.Command(words[0], words[1:]...)
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	output, err := command.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return nil, fmt.Errorf("%s", strings.TrimSpace(string(failed.Stderr)))
	}
	return output, err
}

// record is what the lab has written down; nil where there is no such lab.
func (c *Cloud) record() *labRecord {
	text, err := os.ReadFile(filepath.Join(c.Settings.LabFolder, "lab.json"))
	if err != nil {
		return nil
	}
	var record labRecord
	if json.Unmarshal(text, &record) != nil {
		return nil
	}
	return &record
}

type labRecord struct {
	Network string
	Hosts   []struct {
		Name   string
		Number int
	}
}

// Network gives the first three numbers of the lab's addresses.
func (c *Cloud) Network() (string, bool) {
	record := c.record()
	if record == nil {
		return "", false
	}
	return record.Network, true
}

// hosts gives the lab's hosts by name, with their addresses; false where there is no such lab at all.
func (c *Cloud) hosts() (map[string]string, bool) {
	record := c.record()
	if record == nil {
		return nil, false
	}
	addresses := map[string]string{}
	for _, host := range record.Hosts {
		addresses[host.Name] = fmt.Sprintf("%s.%d", record.Network, 11+host.Number)
	}
	return addresses, true
}

// IsOn tells whether a host of the lab is switched on.
func (c *Cloud) IsOn(host string) bool {
	events, err := os.ReadFile(filepath.Join(c.Settings.Groups, host, "cgroup.events"))
	return err == nil && strings.Contains(string(events), "populated 1")
}

var hostName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)

// HostFor gives a machine its name in the lab: its own where that can be one and is free, else one made of its id.
func (c *Cloud) HostFor(state *State, name, id string) string {
	taken, _ := c.hosts()
	_, isTaken := taken[name]
	for _, machine := range state.machines() {
		isTaken = isTaken || machine.Host == name
	}
	if hostName.MatchString(name) && !isTaken {
		return name
	}
	return "vm-" + id[:min(18, len(id))]
}

func (s *State) machines() []*Machine {
	var all []*Machine
	for _, domain := range s.Domains {
		all = append(all, &domain.Machine)
	}
	for _, droplet := range s.Droplets {
		all = append(all, &droplet.Machine)
	}
	return all
}

// lookAtHosts brings machines in line with their hosts: one whose host somebody has removed behind the provider's back is
// gone, and one whose provider was killed while it booted is there all the same.
func (c *Cloud) lookAtHosts(state *State) {
	hosts, isKnown := c.hosts()
	if !isKnown {
		return
	}
	isGone := func(machine *Machine) bool {
		address, isThere := hosts[machine.Host]
		if machine.Booting && isThere && c.IsOn(machine.Host) {
			machine.Booting, machine.Booted, machine.Address = false, true, address
		}
		return machine.Booted && !isThere
	}
	for id, domain := range state.Domains {
		if isGone(&domain.Machine) {
			delete(state.Domains, id)
		}
	}
	for id, droplet := range state.Droplets {
		if droplet.Status == "archive" {
			if time.Now().After(droplet.GoneAt) {
				delete(state.Droplets, id)
			}
		} else if isGone(&droplet.Machine) {
			delete(state.Droplets, id)
		}
	}
}
