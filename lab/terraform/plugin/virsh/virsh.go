// Package virsh is the command virsh over the stand-in of libvirt, as far as somebody looks for machines and cleans up
// after them, with the output and the exit codes of libvirt 9.
package virsh

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"slipway.test/lab/terraform/cloud"
	"slipway.test/lab/terraform/libvirt"
)

// call is one command line: its words, and its options without their dashes.
type call struct {
	cloud   *cloud.Cloud
	state   *cloud.State
	words   []string
	options map[string]string
}

// Options that are followed by a word of their own.
var valued = []string{"source", "pool", "domain", "vol", "new-desc", "interface"}

var commands = map[string]func(*call) error{
	"list": list, "domuuid": domuuid, "domname": domname, "domid": domid, "domstate": domstate, "dominfo": dominfo, "desc": desc,
	"dumpxml": dumpxml, "domifaddr": domifaddr, "domblklist": domblklist, "start": start, "destroy": destroy, "undefine": undefine,
	"vol-list": volList, "vol-path": volPath, "vol-delete": volDelete, "pool-list": poolList, "net-list": netList,
	"uri": func(*call) error { return told("qemu:///system\n") }, "version": func(*call) error { return told("Using library: libvirt 9.0.0\nUsing API: QEMU 9.0.0\n") },
}

// Main runs the command, and gives its exit code: 0 or 1.
func Main(args []string) int {
	if err := run(args); err != nil {
		for _, line := range strings.Split(err.Error(), "\n") {
			fmt.Fprintln(os.Stderr, "error: "+line)
		}
		return 1
	}
	return 0
}

func run(args []string) error {
	uri := os.Getenv("LIBVIRT_DEFAULT_URI")
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		switch {
		case (args[0] == "-c" || args[0] == "--connect") && len(args) > 1:
			uri, args = args[1], args[2:]
		case strings.HasPrefix(args[0], "--connect="):
			uri, args = strings.TrimPrefix(args[0], "--connect="), args[1:]
		case args[0] == "-q" || args[0] == "--quiet" || args[0] == "-r" || args[0] == "--readonly":
			args = args[1:]
		default:
			return fmt.Errorf("unsupported option '%s'. See --help.", args[0])
		}
	}
	if uri != "" && uri != "qemu:///system" {
		return fmt.Errorf("failed to connect to the hypervisor\nno connection driver available for %s", uri)
	}
	if len(args) == 0 {
		return errors.New("the lab's virsh has no shell: give a command")
	}
	command, isKnown := commands[args[0]]
	if !isKnown {
		return fmt.Errorf("unknown command: '%s'", args[0])
	}
	c := &call{options: map[string]string{}}
	for rest := args[1:]; len(rest) > 0; rest = rest[1:] {
		option, isOption := strings.CutPrefix(rest[0], "--")
		if !isOption {
			c.words = append(c.words, rest[0])
			continue
		}
		name, value, _ := strings.Cut(option, "=")
		if slices.Contains(valued, name) && value == "" {
			if len(rest) < 2 {
				return fmt.Errorf("option '--%s' requires an argument", name)
			}
			value, rest = rest[1], rest[1:]
		}
		if name == "domain" || name == "vol" {
			c.words = append(c.words, value)
			continue
		}
		c.options[name] = value
	}
	var err error
	if c.cloud, err = cloud.Open(); err != nil {
		return fmt.Errorf("failed to connect to the hypervisor\nFailed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory: %w", err)
	}
	if c.state, err = c.cloud.Look(); err != nil {
		return err
	}
	return command(c)
}

func (c *call) has(option string) bool {
	_, isThere := c.options[option]
	return isThere
}

// told prints an answer; virsh ends each with an empty line.
func told(format string, values ...any) error {
	_, err := fmt.Printf(format+"\n", values...)
	return err
}

// domain gives the one that is named, by its name, UUID or number.
func (c *call) domain() (*cloud.Domain, error) {
	if len(c.words) == 0 {
		return nil, errors.New("command requires <domain> option")
	}
	name := c.words[0]
	if domain := c.state.DomainByName(name); domain != nil {
		return domain, nil
	}
	if domain := c.state.Domains[name]; domain != nil {
		return domain, nil
	}
	for _, domain := range c.domains() {
		if number := c.number(domain); number != "-" && number == name {
			return domain, nil
		}
	}
	return nil, fmt.Errorf("failed to get domain '%s'\nDomain not found: no domain with matching name '%s'", name, name)
}

func (c *call) domains() []*cloud.Domain {
	all := []*cloud.Domain{}
	for _, domain := range c.state.Domains {
		all = append(all, domain)
	}
	slices.SortFunc(all, func(one, other *cloud.Domain) int { return strings.Compare(one.Name, other.Name) })
	return all
}

// number is that of a domain that runs.
func (c *call) number(domain *cloud.Domain) string {
	number := 0
	for _, each := range c.domains() {
		if !libvirt.Runs(c.cloud, each) {
			continue
		}
		number++
		if each.ID == domain.ID {
			return strconv.Itoa(number)
		}
	}
	return "-"
}

func (c *call) stateOf(domain *cloud.Domain) string {
	if libvirt.Runs(c.cloud, domain) {
		return "running"
	}
	return "shut off"
}

// table prints columns as virsh does: a space before, three between.
func table(heads []string, rows [][]string) error {
	widths := make([]int, len(heads))
	for _, row := range append([][]string{heads}, rows...) {
		for index, cell := range row {
			widths[index] = max(widths[index], len(cell))
		}
	}
	total := 1
	for _, width := range widths {
		total += width + 3
	}
	line := func(row []string) {
		text := ""
		for index, cell := range row {
			text += " " + cell
			if index < len(row)-1 {
				text += strings.Repeat(" ", widths[index]-len(cell)+2)
			}
		}
		fmt.Println(text)
	}
	line(heads)
	fmt.Println(strings.Repeat("-", total))
	for _, row := range rows {
		line(row)
	}
	return told("")
}
