package libvirt

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"slipway.test/lab/terraform/cloud"
)

// fill writes into the model what there is. `wanted`: what was asked for in this run counts as it was asked for.
func fill(model *domainModel, domain *cloud.Domain, state *cloud.State, c *cloud.Cloud, wanted bool) {
	isImported := model.Name.IsNull()
	model.Name = types.StringValue(domain.Name)
	if domain.Description != "" || !model.Description.IsNull() {
		model.Description = types.StringValue(domain.Description)
	}
	model.Type, model.Arch, model.Machine = types.StringValue(domain.Type), types.StringValue(domain.Arch), types.StringValue(domain.Kind)
	model.VCPU, model.Memory = types.Int64Value(domain.VCPU), types.Int64Value(domain.Memory)
	model.Autostart, model.HasAgent = types.BoolValue(domain.Autostart), types.BoolValue(domain.HasAgent)
	if !wanted {
		model.Running = types.BoolValue(Runs(c, domain))
	}
	for index := range model.CPU {
		model.CPU[index].Mode = types.StringValue(domain.CPU)
	}
	if isImported {
		model.CPU = []cpuModel{{Mode: types.StringValue(domain.CPU)}}
		for _, disk := range domain.Disks {
			model.Disks = append(model.Disks, diskModel{
				VolumeID: optional(disk.Volume), URL: optional(disk.URL), File: optional(disk.File), Block: optional(disk.Block),
				SCSI: types.BoolValue(disk.SCSI),
			})
		}
		model.Interfaces = make([]interfaceModel, len(domain.Interfaces))
	}
	for index := range model.Disks {
		disk := &model.Disks[index]
		if disk.WWN.IsUnknown() {
			disk.WWN = types.StringNull()
		}
	}
	for index := range model.Interfaces {
		if index < len(domain.Interfaces) {
			fillInterface(&model.Interfaces[index], domain, index, state, c, wanted)
		}
	}
}

func fillInterface(told *interfaceModel, domain *cloud.Domain, index int, state *cloud.State, c *cloud.Cloud, wanted bool) {
	link := domain.Interfaces[index]
	if !strings.EqualFold(told.MAC.ValueString(), link.MAC) {
		told.MAC = types.StringValue(link.MAC)
	}
	if network := state.NetworkByName(link.Network); network != nil {
		told.NetworkID, told.NetworkName = types.StringValue(network.ID), types.StringValue(network.Name)
	} else {
		told.NetworkID, told.NetworkName = types.StringValue(""), types.StringValue("")
	}
	told.Bridge = keep(told.Bridge, link.Bridge)
	if told.Hostname.IsUnknown() || told.Hostname.IsNull() {
		told.Hostname = types.StringValue("")
	}
	if wanted && !told.Addresses.IsUnknown() && len(told.Addresses.Elements()) > 0 {
		return
	}
	addresses := []attr.Value{}
	if address := AddressOf(c, domain, sourceOf(domain)); address != "" && index == 0 {
		addresses = append(addresses, types.StringValue(address))
	}
	told.Addresses = types.ListValueMust(types.StringType, addresses)
}

func optional(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// keep leaves what is not set and not there as it is.
func keep(told types.String, is string) types.String {
	if is == "" && told.IsNull() {
		return told
	}
	return types.StringValue(is)
}

// unknownToNull makes a state of a plan that can be kept before everything is known.
func unknownToNull(model *domainModel) {
	for _, text := range []*types.String{&model.Machine, &model.Arch} {
		if text.IsUnknown() {
			*text = types.StringNull()
		}
	}
	if model.Autostart.IsUnknown() {
		model.Autostart = types.BoolNull()
	}
	for index := range model.CPU {
		if model.CPU[index].Mode.IsUnknown() {
			model.CPU[index].Mode = types.StringNull()
		}
	}
	for index := range model.Disks {
		if model.Disks[index].WWN.IsUnknown() {
			model.Disks[index].WWN = types.StringNull()
		}
	}
	for index := range model.Interfaces {
		each := &model.Interfaces[index]
		for _, text := range []*types.String{&each.NetworkID, &each.NetworkName, &each.MAC, &each.Hostname} {
			if text.IsUnknown() {
				*text = types.StringNull()
			}
		}
		if each.Addresses.IsUnknown() {
			each.Addresses = types.ListNull(types.StringType)
		}
	}
}
