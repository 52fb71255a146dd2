package libvirt

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"slipway.test/lab/terraform/cloud"
)

// definitionOf makes a domain of what is asked for.
func definitionOf(ctx context.Context, model domainModel) (*cloud.Domain, error) {
	domain := &cloud.Domain{
		ID: cloud.NewID(), Name: model.Name.ValueString(), Description: model.Description.ValueString(), Type: model.Type.ValueString(),
		Arch: "x86_64", Kind: "pc-i440fx-7.2", VCPU: model.VCPU.ValueInt64(), Memory: model.Memory.ValueInt64(),
		Autostart: model.Autostart.ValueBool(), HasAgent: model.HasAgent.ValueBool(), CloudInit: model.CloudInit.ValueString(), CPU: "custom",
	}
	if model.Arch.ValueString() != "" {
		domain.Arch = model.Arch.ValueString()
	}
	if model.Machine.ValueString() != "" {
		domain.Kind = model.Machine.ValueString()
	}
	if len(model.CPU) > 0 && model.CPU[0].Mode.ValueString() != "" {
		domain.CPU = model.CPU[0].Mode.ValueString()
	}
	for _, disk := range model.Disks {
		domain.Disks = append(domain.Disks, cloud.Disk{
			Volume: disk.VolumeID.ValueString(), URL: disk.URL.ValueString(), File: disk.File.ValueString(), Block: disk.Block.ValueString(),
			SCSI: disk.SCSI.ValueBool(), WWN: disk.WWN.ValueString(),
		})
	}
	for index, each := range model.Interfaces {
		link := cloud.Interface{Network: each.NetworkName.ValueString(), Bridge: each.Bridge.ValueString(), MAC: strings.ToUpper(each.MAC.ValueString())}
		if link.Network == "" && each.NetworkID.ValueString() != "" {
			link.Network = "id:" + each.NetworkID.ValueString()
		}
		if link.MAC == "" {
			link.MAC = cloud.NewMAC()
		}
		domain.Interfaces = append(domain.Interfaces, link)
		var wanted []string
		each.Addresses.ElementsAs(ctx, &wanted, true)
		for _, address := range wanted {
			if net.ParseIP(address) == nil {
				return nil, fmt.Errorf("could not parse addresses '%s'", address)
			}
		}
		// The lab's hosts have one interface: the first one's address is theirs.
		if index == 0 && len(wanted) > 0 {
			domain.Address = wanted[0]
		}
	}
	return domain, nil
}

// define puts a domain on record, in the order in which the real one looks.
func define(c *cloud.Cloud, state *cloud.State, domain *cloud.Domain) error {
	for _, disk := range domain.Disks {
		if disk.Volume != "" && state.Volumes[disk.Volume] == nil {
			return fmt.Errorf("can't retrieve volume %s: Storage volume not found: no storage vol with matching key %s", disk.Volume, disk.Volume)
		}
	}
	if domain.CloudInit != "" {
		path, _, isKey := strings.Cut(domain.CloudInit, ";")
		if !isKey {
			return fmt.Errorf("%s is not a valid key", domain.CloudInit)
		}
		if state.Volumes[path] == nil {
			return fmt.Errorf("can't retrieve volume %s: Storage volume not found: no storage vol with matching key %s", path, path)
		}
	}
	for index := range domain.Interfaces {
		link := &domain.Interfaces[index]
		if id, isID := strings.CutPrefix(link.Network, "id:"); isID {
			if state.Networks[id] == nil {
				return fmt.Errorf("can't retrieve network ID %s", id)
			}
			link.Network = state.Networks[id].Name
		} else if link.Network != "" && state.NetworkByName(link.Network) == nil {
			return fmt.Errorf("can't retrieve network '%s'", link.Network)
		}
	}
	switch {
	case domain.VCPU < 1:
		return errors.New("error defining libvirt domain: XML error: invalid CPU count '0'")
	case domain.Memory < 1:
		return errors.New("error defining libvirt domain: XML error: missing or invalid memory size")
	case domain.Name == "" || strings.ContainsAny(domain.Name, "/\n"):
		return fmt.Errorf("error defining libvirt domain: XML error: name %s cannot contain '/'", domain.Name)
	}
	if there := state.DomainByName(domain.Name); there != nil {
		return fmt.Errorf("error defining libvirt domain: operation failed: domain '%s' already exists with uuid %s", domain.Name, there.ID)
	}
	domain.Host = c.HostFor(state, domain.Name, domain.ID)
	state.Domains[domain.ID] = domain
	return nil
}

// Start switches a domain on, and returns when its system answers; one that runs is left alone.
func Start(c *cloud.Cloud, id string) error {
	var domain cloud.Domain
	boot := cloud.Boot{User: "debian"}
	var boots bool
	err := c.Update(func(state *cloud.State) error {
		there := state.Domains[id]
		if there == nil {
			return fmt.Errorf("Domain not found: no domain with matching uuid '%s'", id)
		}
		for _, disk := range there.Disks {
			if disk.File != "" {
				if _, err := os.Stat(disk.File); err != nil {
					return fmt.Errorf("Cannot access storage file '%s' (as uid:64055, gid:64055): No such file or directory", disk.File)
				}
			}
			if disk.Volume != "" && state.Volumes[disk.Volume] == nil {
				return fmt.Errorf("Cannot access storage file '%s' (as uid:64055, gid:64055): No such file or directory", disk.Volume)
			}
			boots = boots || disk.File != "" || disk.URL != "" || state.Boots(disk.Volume)
		}
		for _, path := range seedsOf(there, state) {
			volume := state.Volumes[path]
			if volume == nil || time.Now().Before(volume.ReadyAt) {
				return fmt.Errorf("Cannot access storage file '%s' (as uid:64055, gid:64055): No such file or directory", path)
			}
			boot.UserData, boot.MetaData = volume.Seed.UserData, volume.Seed.MetaData
		}
		boot.Host, boot.Address = there.Host, there.Address
		there.Started = true
		there.Booting, there.HasSystem = boots, boots
		there.Agent = strings.Contains(boot.UserData, "qemu-guest-agent")
		domain = *there
		return nil
	})
	if err != nil || !boots || domain.Booted && c.IsOn(domain.Host) {
		return err
	}
	started, err := c.Meet("domain.start", domain.Name)
	if err != nil || started.Message != "" {
		return errors.Join(stopped(c, id), err, worded(started.Message))
	}
	host, err := c.Boot(boot)
	if err != nil {
		return errors.Join(stopped(c, id), err)
	}
	lease, err := c.Take("domain.lease", domain.Name)
	if err != nil {
		return err
	}
	return c.Update(func(state *cloud.State) error {
		there := state.Domains[id]
		if there == nil {
			return nil
		}
		there.Booting, there.Booted = false, true
		there.Address, there.Agent = host.Address, host.Agent
		there.LeaseAt, there.NoLease = time.Now().Add(time.Duration(lease.Delay)*time.Millisecond), lease.Never
		return nil
	})
}

func worded(message string) error {
	if message == "" {
		return nil
	}
	return errors.New(message)
}

func stopped(c *cloud.Cloud, id string) error {
	return c.Update(func(state *cloud.State) error {
		if there := state.Domains[id]; there != nil {
			there.Started, there.Booting = false, false
		}
		return nil
	})
}

// seedsOf gives the cloud-init disks that a domain has, attached in either way.
func seedsOf(domain *cloud.Domain, state *cloud.State) []string {
	var paths []string
	if domain.CloudInit != "" {
		paths = append(paths, volumeOf(domain.CloudInit))
	}
	for _, disk := range domain.Disks {
		if volume := state.Volumes[disk.Volume]; volume != nil && volume.Seed != nil {
			paths = append(paths, volume.Path)
		}
	}
	return paths
}

// Stop pulls the plug of a domain; one that is off stays so.
func Stop(c *cloud.Cloud, id string) error {
	state, err := c.Look()
	if err != nil {
		return err
	}
	domain := state.Domains[id]
	if domain == nil {
		return fmt.Errorf("error retrieving libvirt domain: Domain not found: no domain with matching uuid '%s'", id)
	}
	if c.IsOn(domain.Host) {
		if err := c.Kill(domain.Host); err != nil {
			return err
		}
	}
	return stopped(c, id)
}

// Undefine takes a domain off the record, and its host out of the lab. Its volumes stay.
func Undefine(c *cloud.Cloud, id string) error {
	state, err := c.Look()
	if err != nil {
		return err
	}
	domain := state.Domains[id]
	if domain == nil {
		return fmt.Errorf("error retrieving libvirt domain: Domain not found: no domain with matching uuid '%s'", id)
	}
	// One that never booted has no host.
	if domain.HasSystem {
		if err := c.Remove(domain.Host); err != nil {
			return err
		}
	}
	return c.Update(func(state *cloud.State) error {
		delete(state.Domains, id)
		return nil
	})
}

// Runs tells whether a domain is on: by its host, where it has one.
func Runs(c *cloud.Cloud, domain *cloud.Domain) bool {
	return domain.Started && (!domain.HasSystem || c.IsOn(domain.Host))
}

func sourceOf(domain *cloud.Domain) string {
	if domain.HasAgent {
		return "agent"
	}
	return "lease"
}

// AddressOf gives what a source of addresses knows of a domain: lease, agent or arp; empty where it knows nothing.
func AddressOf(c *cloud.Cloud, domain *cloud.Domain, source string) string {
	if !domain.Booted || !Runs(c, domain) || len(domain.Interfaces) == 0 {
		return ""
	}
	isPresent := time.Now().After(domain.LeaseAt) && !domain.NoLease
	switch source {
	case "agent":
		if !domain.HasAgent || !domain.Agent {
			return ""
		}
	case "lease":
		// A lease is one of the network's own server: on a bridge of somebody else's nobody tells it.
		if domain.Interfaces[0].Network == "" {
			return ""
		}
	}
	if !isPresent {
		return ""
	}
	return domain.Address
}
