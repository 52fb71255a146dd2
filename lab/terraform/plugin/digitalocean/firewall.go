package digitalocean

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"slipway.test/lab/terraform/cloud"
	"slipway.test/lab/terraform/fields"
)

type firewallResource struct{ connected }

type firewallModel struct {
	ID       types.String `tfsdk:"id"`
	Name     types.String `tfsdk:"name"`
	Droplets types.Set    `tfsdk:"droplet_ids"`
	Tags     types.Set    `tfsdk:"tags"`
	Status   types.String `tfsdk:"status"`
	Inbound  []inbound    `tfsdk:"inbound_rule"`
	Outbound []outbound   `tfsdk:"outbound_rule"`
}

type inbound struct {
	Protocol  types.String `tfsdk:"protocol"`
	Ports     types.String `tfsdk:"port_range"`
	Addresses types.Set    `tfsdk:"source_addresses"`
	Droplets  types.Set    `tfsdk:"source_droplet_ids"`
	Tags      types.Set    `tfsdk:"source_tags"`
	Balancers types.Set    `tfsdk:"source_load_balancer_uids"`
}

type outbound struct {
	Protocol  types.String `tfsdk:"protocol"`
	Ports     types.String `tfsdk:"port_range"`
	Addresses types.Set    `tfsdk:"destination_addresses"`
	Droplets  types.Set    `tfsdk:"destination_droplet_ids"`
	Tags      types.Set    `tfsdk:"destination_tags"`
}

func (*firewallResource) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "digitalocean_firewall"
}

func (*firewallResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	protocol := fields.OneOf(fields.String(fields.Required), "tcp", "udp", "icmp")
	response.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{
			"id":          fields.String(fields.Computed),
			"name":        fields.NotEmpty(fields.String(fields.Required)),
			"droplet_ids": fields.NumberSet(fields.Optional),
			"tags":        fields.TextSet(fields.Optional),
			"status":      fields.String(fields.Computed),
		},
		Blocks: map[string]schema.Block{
			"inbound_rule": fields.BlockSet(map[string]schema.Attribute{
				"protocol":                  protocol,
				"port_range":                fields.String(fields.Optional),
				"source_addresses":          fields.TextSet(fields.Optional),
				"source_droplet_ids":        fields.NumberSet(fields.Optional),
				"source_tags":               fields.TextSet(fields.Optional),
				"source_load_balancer_uids": fields.TextSet(fields.Optional),
			}),
			"outbound_rule": fields.BlockSet(map[string]schema.Attribute{
				"protocol":                protocol,
				"port_range":              fields.String(fields.Optional),
				"destination_addresses":   fields.TextSet(fields.Optional),
				"destination_droplet_ids": fields.NumberSet(fields.Optional),
				"destination_tags":        fields.TextSet(fields.Optional),
			}),
		},
	}
}

// ModifyPlan refuses what the real one refuses in a plan.
func (r *firewallResource) ModifyPlan(ctx context.Context, request resource.ModifyPlanRequest, response *resource.ModifyPlanResponse) {
	var model firewallModel
	if request.Plan.Raw.IsNull() || request.Plan.Get(ctx, &model).HasError() {
		return
	}
	if len(model.Inbound) == 0 && len(model.Outbound) == 0 {
		response.Diagnostics.AddError("At least one rule must be specified", "")
	}
	lacks := func(protocol, ports types.String) bool {
		return protocol.ValueString() != "icmp" && !ports.IsUnknown() && ports.ValueString() == ""
	}
	for _, rule := range model.Inbound {
		if lacks(rule.Protocol, rule.Ports) {
			response.Diagnostics.AddError("`port_range` of inbound rules is required if protocol is `tcp` or `udp`", "")
		}
	}
	for _, rule := range model.Outbound {
		if lacks(rule.Protocol, rule.Ports) {
			response.Diagnostics.AddError("`port_range` of outbound rules is required if protocol is `tcp` or `udp`", "")
		}
	}
}

func (r *firewallResource) put(ctx context.Context, model firewallModel) (*cloud.Firewall, error) {
	firewall := &cloud.Firewall{
		ID: model.ID.ValueString(), Name: model.Name.ValueString(), Droplets: numbersOf(ctx, model.Droplets), Tags: textsOf(ctx, model.Tags),
		Inbound: []map[string]any{}, Outbound: []map[string]any{},
	}
	for _, rule := range model.Inbound {
		firewall.Inbound = append(firewall.Inbound, map[string]any{
			"protocol": rule.Protocol.ValueString(), "ports": portsOf(rule.Ports), "sources": map[string]any{
				"addresses": textsOf(ctx, rule.Addresses), "droplet_ids": numbersOf(ctx, rule.Droplets), "tags": textsOf(ctx, rule.Tags),
				"load_balancer_uids": textsOf(ctx, rule.Balancers),
			},
		})
	}
	for _, rule := range model.Outbound {
		firewall.Outbound = append(firewall.Outbound, map[string]any{
			"protocol": rule.Protocol.ValueString(), "ports": portsOf(rule.Ports), "destinations": map[string]any{
				"addresses": textsOf(ctx, rule.Addresses), "droplet_ids": numbersOf(ctx, rule.Droplets), "tags": textsOf(ctx, rule.Tags),
			},
		})
	}
	return firewall, r.account.PutFirewall(firewall)
}

// portsOf writes all of them as the API does.
func portsOf(ports types.String) string {
	return strings.Replace(ports.ValueString(), "1-65535", "0", 1)
}

func (r *firewallResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	var model firewallModel
	if response.Diagnostics.Append(request.Plan.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	firewall, err := r.put(ctx, model)
	if failed(&response.Diagnostics, "Error creating firewall", err) {
		return
	}
	model.ID, model.Status = types.StringValue(firewall.ID), types.StringValue(firewall.Status)
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

func (r *firewallResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	var model firewallModel
	if response.Diagnostics.Append(request.State.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	state, err := r.account.Ask("/v2/firewalls/"+model.ID.ValueString(), "firewall.read")
	if failed(&response.Diagnostics, "Error retrieving firewall", err) {
		return
	}
	firewall := state.Firewalls[model.ID.ValueString()]
	if firewall == nil {
		response.State.RemoveResource(ctx)
		return
	}
	model.Name, model.Status = types.StringValue(firewall.Name), types.StringValue(firewall.Status)
	model.Droplets, model.Tags = numberSet(model.Droplets, firewall.Droplets), textSet(model.Tags, firewall.Tags)
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

func (r *firewallResource) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	var model firewallModel
	if response.Diagnostics.Append(request.Plan.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	firewall, err := r.put(ctx, model)
	if failed(&response.Diagnostics, "Error updating firewall", err) {
		return
	}
	model.Status = types.StringValue(firewall.Status)
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

func (r *firewallResource) Delete(ctx context.Context, request resource.DeleteRequest, response *resource.DeleteResponse) {
	var model firewallModel
	if response.Diagnostics.Append(request.State.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	id := model.ID.ValueString()
	goneOr(&response.Diagnostics, "Error deleting firewall", r.account.Delete("/v2/firewalls/"+id, "firewall.delete", func(state *cloud.State) bool {
		_, isThere := state.Firewalls[id]
		delete(state.Firewalls, id)
		return isThere
	}))
}
