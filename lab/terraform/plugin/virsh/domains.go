package virsh

import (
	"encoding/xml"
	"errors"
	"fmt"
	"strings"

	"slipway.test/lab/terraform/cloud"
	"slipway.test/lab/terraform/libvirt"
)

func list(c *call) error {
	var rows [][]string
	for _, domain := range c.domains() {
		isOn := c.stateOf(domain) == "running"
		if !isOn && !c.has("all") && !c.has("inactive") || isOn && c.has("inactive") {
			continue
		}
		rows = append(rows, []string{c.number(domain), domain.Name, c.stateOf(domain), domain.ID})
	}
	pick := func(column int) error {
		for _, row := range rows {
			fmt.Println(row[column])
		}
		return told("")
	}
	if c.has("name") {
		return pick(1)
	}
	if c.has("uuid") {
		return pick(3)
	}
	for index := range rows {
		rows[index] = rows[index][:3]
	}
	return table([]string{"Id", "Name", "State"}, rows)
}

// onDomain makes a command of what is said of a domain.
func onDomain(say func(*call, *cloud.Domain) error) func(*call) error {
	return func(c *call) error {
		domain, err := c.domain()
		if err != nil {
			return err
		}
		return say(c, domain)
	}
}

var (
	domuuid  = onDomain(func(_ *call, domain *cloud.Domain) error { return told("%s\n", domain.ID) })
	domname  = onDomain(func(_ *call, domain *cloud.Domain) error { return told("%s\n", domain.Name) })
	domid    = onDomain(func(c *call, domain *cloud.Domain) error { return told("%s\n", c.number(domain)) })
	domstate = onDomain(func(c *call, domain *cloud.Domain) error { return told("%s\n", c.stateOf(domain)) })
)

var dominfo = onDomain(func(c *call, domain *cloud.Domain) error {
	autostart := "disable"
	if domain.Autostart {
		autostart = "enable"
	}
	used := "0 KiB"
	if c.stateOf(domain) == "running" {
		used = fmt.Sprintf("%d KiB", domain.Memory*1024)
	}
	for _, line := range [][2]string{
		{"Id", c.number(domain)}, {"Name", domain.Name}, {"UUID", domain.ID}, {"OS Type", "hvm"}, {"State", c.stateOf(domain)},
		{"CPU(s)", fmt.Sprint(domain.VCPU)}, {"Max memory", fmt.Sprintf("%d KiB", domain.Memory*1024)}, {"Used memory", used},
		{"Persistent", "yes"}, {"Autostart", autostart}, {"Managed save", "no"}, {"Security model", "none"}, {"Security DOI", "0"},
	} {
		fmt.Printf("%-16s%s\n", line[0]+":", line[1])
	}
	return told("")
})

var desc = onDomain(func(c *call, domain *cloud.Domain) error {
	next, isGiven := c.options["new-desc"]
	if !isGiven && len(c.words) > 1 {
		next, isGiven = strings.Join(c.words[1:], " "), true
	}
	if isGiven {
		err := c.cloud.Update(func(state *cloud.State) error {
			if there := state.Domains[domain.ID]; there != nil {
				there.Description = next
			}
			return nil
		})
		if err != nil {
			return err
		}
		return told("Domain description updated successfully")
	}
	if domain.Description == "" {
		return told("No description for domain: %s", domain.Name)
	}
	return told("%s", domain.Description)
})

type xmlSource struct {
	File    string `xml:"file,attr,omitempty"`
	Network string `xml:"network,attr,omitempty"`
	Bridge  string `xml:"bridge,attr,omitempty"`
}

type xmlDisk struct {
	Type   string    `xml:"type,attr"`
	Device string    `xml:"device,attr"`
	Source xmlSource `xml:"source"`
}

type xmlInterface struct {
	Type string `xml:"type,attr"`
	MAC  struct {
		Address string `xml:"address,attr"`
	} `xml:"mac"`
	Source xmlSource `xml:"source"`
}

type xmlMemory struct {
	Unit string `xml:"unit,attr"`
	Size int64  `xml:",chardata"`
}

type xmlDomain struct {
	XMLName     xml.Name       `xml:"domain"`
	Type        string         `xml:"type,attr"`
	Number      string         `xml:"id,attr,omitempty"`
	Name        string         `xml:"name"`
	UUID        string         `xml:"uuid"`
	Description string         `xml:"description,omitempty"`
	Memory      xmlMemory      `xml:"memory"`
	VCPU        int64          `xml:"vcpu"`
	Disks       []xmlDisk      `xml:"devices>disk"`
	Interfaces  []xmlInterface `xml:"devices>interface"`
}

var dumpxml = onDomain(func(c *call, domain *cloud.Domain) error {
	out := xmlDomain{
		Type: domain.Type, Number: strings.TrimPrefix(c.number(domain), "-"), Name: domain.Name, UUID: domain.ID,
		Description: domain.Description, Memory: xmlMemory{"KiB", domain.Memory * 1024}, VCPU: domain.VCPU,
	}
	for _, file := range disksOf(domain) {
		out.Disks = append(out.Disks, xmlDisk{Type: "file", Device: file.device, Source: xmlSource{File: file.path}})
	}
	for _, link := range domain.Interfaces {
		told := xmlInterface{Type: "network", Source: xmlSource{Network: link.Network, Bridge: link.Bridge}}
		if link.Network == "" {
			told.Type = "bridge"
		}
		told.MAC.Address = strings.ToLower(link.MAC)
		out.Interfaces = append(out.Interfaces, told)
	}
	text, err := xml.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	return told("%s\n", text)
})

type attached struct{ target, device, path string }

func disksOf(domain *cloud.Domain) []attached {
	var all []attached
	for index, disk := range domain.Disks {
		path := disk.Volume + disk.File + disk.Block + disk.URL
		all = append(all, attached{"vd" + string(rune('a'+index)), "disk", path})
	}
	if domain.CloudInit != "" {
		path, _, _ := strings.Cut(domain.CloudInit, ";")
		all = append(all, attached{"hdd", "cdrom", path})
	}
	return all
}

var domblklist = onDomain(func(_ *call, domain *cloud.Domain) error {
	var rows [][]string
	for _, disk := range disksOf(domain) {
		rows = append(rows, []string{disk.target, disk.path})
	}
	return table([]string{"Target", "Source"}, rows)
})

var domifaddr = onDomain(func(c *call, domain *cloud.Domain) error {
	const failure = "Failed to query for interfaces addresses\n"
	source := c.options["source"]
	if source == "" {
		source = "lease"
	}
	switch source {
	case "lease", "agent", "arp":
	default:
		return fmt.Errorf("Unknown data source '%s'", source)
	}
	if c.stateOf(domain) != "running" {
		return errors.New(failure + "Requested operation is not valid: domain is not running")
	}
	address := libvirt.AddressOf(c.cloud, domain, source)
	if source == "agent" && !domain.HasAgent {
		return errors.New(failure + "argument unsupported: QEMU guest agent is not configured")
	}
	if source == "agent" && address == "" {
		return errors.New(failure + "Guest agent is not responding: QEMU guest agent is not connected")
	}
	const row = " %-10s %-17s    %-8s     %s\n"
	fmt.Printf(row, "Name", "MAC address", "Protocol", "Address")
	fmt.Println(strings.Repeat("-", 79))
	if address != "" {
		mac := strings.ToLower(domain.Interfaces[0].MAC)
		switch source {
		case "agent":
			fmt.Printf(row, "lo", "00:00:00:00:00:00", "ipv4", "127.0.0.1/8")
			fmt.Printf(row, "eth0", mac, "ipv4", address+"/24")
		case "arp":
			fmt.Printf(row, "vnet0", mac, "ipv4", address+"/0")
		default:
			fmt.Printf(row, "vnet0", mac, "ipv4", address+"/24")
		}
	}
	return told("")
})

var start = onDomain(func(c *call, domain *cloud.Domain) error {
	if c.stateOf(domain) == "running" {
		return errors.New("Domain is already active")
	}
	if err := libvirt.Start(c.cloud, domain.ID); err != nil {
		return fmt.Errorf("Failed to start domain '%s'\n%w", domain.Name, err)
	}
	return told("Domain '%s' started\n", domain.Name)
})

var destroy = onDomain(func(c *call, domain *cloud.Domain) error {
	if c.stateOf(domain) != "running" {
		return fmt.Errorf("Failed to destroy domain '%s'\nRequested operation is not valid: domain is not running", domain.Name)
	}
	if err := libvirt.Stop(c.cloud, domain.ID); err != nil {
		return err
	}
	return told("Domain '%s' destroyed\n", domain.Name)
})

// One that runs would go on as a transient domain; the lab has none of these, so that it has to be stopped before.
var undefine = onDomain(func(c *call, domain *cloud.Domain) error {
	if c.stateOf(domain) == "running" {
		return fmt.Errorf("Failed to undefine domain '%s'\nthe lab has no transient domains: destroy it first", domain.Name)
	}
	if err := libvirt.Undefine(c.cloud, domain.ID); err != nil {
		return err
	}
	fmt.Printf("Domain '%s' has been undefined\n", domain.Name)
	if c.has("remove-all-storage") {
		for _, disk := range disksOf(domain) {
			if err := libvirt.DeleteVolume(c.cloud, disk.path); err != nil {
				return err
			}
			fmt.Printf("Volume '%s'(%s) removed.\n", disk.target, disk.path)
		}
	}
	return told("")
})
