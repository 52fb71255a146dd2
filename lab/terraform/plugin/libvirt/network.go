package libvirt

import (
	"context"
	"fmt"
	"net"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"slipway.test/lab/terraform/cloud"
	"slipway.test/lab/terraform/fields"
)

type networkResource struct{ connected }

type networkModel struct {
	ID        types.String `tfsdk:"id"`
	Name      types.String `tfsdk:"name"`
	Mode      types.String `tfsdk:"mode"`
	Domain    types.String `tfsdk:"domain"`
	Addresses types.List   `tfsdk:"addresses"`
	Bridge    types.String `tfsdk:"bridge"`
	MTU       types.Int64  `tfsdk:"mtu"`
	Autostart types.Bool   `tfsdk:"autostart"`
	DHCP      []struct {
		Enabled types.Bool `tfsdk:"enabled"`
	} `tfsdk:"dhcp"`
	DNS []struct {
		Enabled   types.Bool `tfsdk:"enabled"`
		LocalOnly types.Bool `tfsdk:"local_only"`
	} `tfsdk:"dns"`
}

func (*networkResource) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "libvirt_network"
}

func (*networkResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{
			"id":        fields.String(fields.Computed),
			"name":      fields.String(fields.Required | fields.Replace),
			"mode":      fields.Text("nat", fields.Replace),
			"domain":    fields.String(fields.Optional | fields.Replace),
			"addresses": fields.Texts(fields.Optional | fields.Replace),
			"bridge":    fields.String(fields.Optional | fields.Computed | fields.Replace),
			"mtu":       fields.Int(fields.Optional),
			"autostart": fields.Bool(fields.Optional | fields.Computed),
		},
		Blocks: map[string]schema.Block{
			"dhcp": fields.Blocks(map[string]schema.Attribute{"enabled": fields.Bool(fields.Optional | fields.Computed)}, fields.Replace, 1),
			"dns": fields.Blocks(map[string]schema.Attribute{
				"enabled": fields.Switch(true, 0), "local_only": fields.Bool(fields.Optional),
			}, 0, 1),
		},
	}
}

func (r *networkResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	var model networkModel
	if response.Diagnostics.Append(request.Plan.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	network := &cloud.Network{
		ID: cloud.NewID(), Name: model.Name.ValueString(), Mode: model.Mode.ValueString(), Domain: model.Domain.ValueString(),
		Bridge: model.Bridge.ValueString(), MTU: model.MTU.ValueInt64(), Autostart: model.Autostart.ValueBool(),
	}
	response.Diagnostics.Append(model.Addresses.ElementsAs(ctx, &network.Addresses, true)...)
	network.HasDHCP = network.Mode != "bridge" && (len(model.DHCP) == 0 || model.DHCP[0].Enabled.IsUnknown() || model.DHCP[0].Enabled.ValueBool())
	err := r.cloud.Update(func(state *cloud.State) error { return addNetwork(state, network) })
	if response.Diagnostics.HasError() || failed(&response.Diagnostics, err) {
		return
	}
	model.ID, model.Bridge = types.StringValue(network.ID), types.StringValue(network.Bridge)
	model.Autostart = types.BoolValue(network.Autostart)
	for index := range model.DHCP {
		model.DHCP[index].Enabled = types.BoolValue(network.HasDHCP)
	}
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

func addNetwork(state *cloud.State, network *cloud.Network) error {
	switch network.Mode {
	case "nat", "none", "route", "open":
		for _, address := range network.Addresses {
			if _, _, err := net.ParseCIDR(address); err != nil {
				return fmt.Errorf("error when parsing the network address: invalid CIDR address: %s", address)
			}
		}
	case "bridge":
		if network.Bridge == "" {
			return fmt.Errorf("'bridge' must be provided when using the bridged network mode")
		}
	default:
		return fmt.Errorf("unsupported network mode '%s'", network.Mode)
	}
	if there := state.NetworkByName(network.Name); there != nil {
		return fmt.Errorf("error defining libvirt network: operation failed: network '%s' already exists with uuid %s", network.Name, there.ID)
	}
	if network.Bridge == "" {
		network.Bridge = fmt.Sprintf("virbr%d", len(state.Networks))
	}
	state.Networks[network.ID] = network
	return nil
}

func (r *networkResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	var model networkModel
	if response.Diagnostics.Append(request.State.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	state, err := r.cloud.Look()
	if failed(&response.Diagnostics, err) {
		return
	}
	network := state.Networks[model.ID.ValueString()]
	if network == nil {
		response.State.RemoveResource(ctx)
		return
	}
	model.Name, model.Mode, model.Bridge = types.StringValue(network.Name), types.StringValue(network.Mode), types.StringValue(network.Bridge)
	model.Autostart = types.BoolValue(network.Autostart)
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

func (r *networkResource) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	var model networkModel
	if response.Diagnostics.Append(request.Plan.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	err := r.cloud.Update(func(state *cloud.State) error {
		network := state.Networks[model.ID.ValueString()]
		if network == nil {
			return fmt.Errorf("error by retrieving network ID during update: network not found")
		}
		network.Autostart, network.MTU = model.Autostart.ValueBool(), model.MTU.ValueInt64()
		return nil
	})
	if !failed(&response.Diagnostics, err) {
		response.Diagnostics.Append(response.State.Set(ctx, &model)...)
	}
}

func (r *networkResource) Delete(ctx context.Context, request resource.DeleteRequest, response *resource.DeleteResponse) {
	var model networkModel
	if response.Diagnostics.Append(request.State.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	failed(&response.Diagnostics, r.cloud.Update(func(state *cloud.State) error {
		delete(state.Networks, model.ID.ValueString())
		return nil
	}))
}
