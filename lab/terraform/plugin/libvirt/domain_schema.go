package libvirt

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"slipway.test/lab/terraform/fields"
)

type domainModel struct {
	ID          types.String     `tfsdk:"id"`
	Name        types.String     `tfsdk:"name"`
	Description types.String     `tfsdk:"description"`
	Type        types.String     `tfsdk:"type"`
	Machine     types.String     `tfsdk:"machine"`
	Arch        types.String     `tfsdk:"arch"`
	VCPU        types.Int64      `tfsdk:"vcpu"`
	Memory      types.Int64      `tfsdk:"memory"`
	Running     types.Bool       `tfsdk:"running"`
	Autostart   types.Bool       `tfsdk:"autostart"`
	CloudInit   types.String     `tfsdk:"cloudinit"`
	HasAgent    types.Bool       `tfsdk:"qemu_agent"`
	CPU         []cpuModel       `tfsdk:"cpu"`
	Disks       []diskModel      `tfsdk:"disk"`
	Interfaces  []interfaceModel `tfsdk:"network_interface"`
	Consoles    []consoleModel   `tfsdk:"console"`
	Graphics    []graphicsModel  `tfsdk:"graphics"`
	BootDevices []bootModel      `tfsdk:"boot_device"`
	Timeouts    *timeoutsModel   `tfsdk:"timeouts"`
}

type cpuModel struct {
	Mode types.String `tfsdk:"mode"`
}

type diskModel struct {
	VolumeID types.String `tfsdk:"volume_id"`
	URL      types.String `tfsdk:"url"`
	File     types.String `tfsdk:"file"`
	Block    types.String `tfsdk:"block_device"`
	SCSI     types.Bool   `tfsdk:"scsi"`
	WWN      types.String `tfsdk:"wwn"`
}

type interfaceModel struct {
	NetworkID    types.String `tfsdk:"network_id"`
	NetworkName  types.String `tfsdk:"network_name"`
	Bridge       types.String `tfsdk:"bridge"`
	MAC          types.String `tfsdk:"mac"`
	Addresses    types.List   `tfsdk:"addresses"`
	Hostname     types.String `tfsdk:"hostname"`
	WaitForLease types.Bool   `tfsdk:"wait_for_lease"`
}

type consoleModel struct {
	Type       types.String `tfsdk:"type"`
	TargetPort types.String `tfsdk:"target_port"`
	TargetType types.String `tfsdk:"target_type"`
}

type graphicsModel struct {
	Type       types.String `tfsdk:"type"`
	ListenType types.String `tfsdk:"listen_type"`
	Autoport   types.Bool   `tfsdk:"autoport"`
}

type bootModel struct {
	Dev types.List `tfsdk:"dev"`
}

type timeoutsModel struct {
	Create types.String `tfsdk:"create"`
}

func (*domainResource) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "libvirt_domain"
}

// What is replaced is that of 0.8.3: most things. cloudinit, autostart, running, qemu_agent and the interfaces change in
// place, though an interface only as far as the network's table of hosts goes.
func (*domainResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	replaced := fields.Optional | fields.Replace
	response.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{
			"id":          fields.String(fields.Computed),
			"name":        fields.String(fields.Required | fields.Replace),
			"description": fields.String(replaced),
			"type":        fields.Text("kvm", fields.Replace),
			"machine":     fields.String(fields.Optional | fields.Computed),
			"arch":        fields.String(fields.Optional | fields.Computed),
			"vcpu":        fields.Number(1, fields.Replace),
			"memory":      fields.Number(512, fields.Replace),
			"running":     fields.Switch(true, 0),
			"autostart":   fields.Bool(fields.Optional | fields.Computed),
			"cloudinit":   fields.String(fields.Optional),
			"qemu_agent":  fields.Switch(false, 0),
		},
		Blocks: map[string]schema.Block{
			"cpu": fields.Blocks(map[string]schema.Attribute{"mode": fields.String(fields.Optional | fields.Computed)}, fields.Replace, 1),
			"disk": fields.Blocks(map[string]schema.Attribute{
				"volume_id":    fields.String(fields.Optional),
				"url":          fields.String(fields.Optional),
				"file":         fields.String(fields.Optional),
				"block_device": fields.String(fields.Optional),
				"scsi":         fields.Switch(false, fields.Replace),
				"wwn":          fields.String(fields.Optional | fields.Computed),
			}, fields.Replace, 0),
			"network_interface": fields.Blocks(map[string]schema.Attribute{
				"network_id":     fields.String(fields.Optional | fields.Computed),
				"network_name":   fields.String(fields.Optional | fields.Computed),
				"bridge":         fields.String(fields.Optional),
				"mac":            fields.String(fields.Optional | fields.Computed),
				"addresses":      fields.Texts(fields.Optional | fields.Computed),
				"hostname":       fields.String(fields.Optional | fields.Computed),
				"wait_for_lease": fields.Bool(fields.Optional),
			}, 0, 0),
			"console": fields.Blocks(map[string]schema.Attribute{
				"type":        fields.String(fields.Required | fields.Replace),
				"target_port": fields.String(fields.Required | fields.Replace),
				"target_type": fields.String(replaced),
			}, 0, 0),
			"graphics": fields.Blocks(map[string]schema.Attribute{
				"type":        fields.Text("spice", fields.Replace),
				"listen_type": fields.Text("none", fields.Replace),
				"autoport":    fields.Switch(true, fields.Replace),
			}, fields.Replace, 1),
			"boot_device": fields.Blocks(map[string]schema.Attribute{"dev": fields.Texts(fields.Optional)}, 0, 0),
			"timeouts": schema.SingleNestedBlock{
				Attributes: map[string]schema.Attribute{"create": fields.String(fields.Optional)},
			},
		},
	}
}
