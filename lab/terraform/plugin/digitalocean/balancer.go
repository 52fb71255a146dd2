package digitalocean

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"slipway.test/lab/terraform/cloud"
	"slipway.test/lab/terraform/fields"
)

type balancerResource struct{ connected }

type balancerModel struct {
	ID       types.String     `tfsdk:"id"`
	Name     types.String     `tfsdk:"name"`
	Region   types.String     `tfsdk:"region"`
	Size     types.String     `tfsdk:"size"`
	SizeUnit types.Int64      `tfsdk:"size_unit"`
	VPC      types.String     `tfsdk:"vpc_uuid"`
	Droplets types.Set        `tfsdk:"droplet_ids"`
	Tag      types.String     `tfsdk:"droplet_tag"`
	Address  types.String     `tfsdk:"ip"`
	Status   types.String     `tfsdk:"status"`
	Rules    []forwardingRule `tfsdk:"forwarding_rule"`
	Checks   []healthCheck    `tfsdk:"healthcheck"`
}

type forwardingRule struct {
	EntryPort      types.Int64  `tfsdk:"entry_port"`
	EntryProtocol  types.String `tfsdk:"entry_protocol"`
	TargetPort     types.Int64  `tfsdk:"target_port"`
	TargetProtocol types.String `tfsdk:"target_protocol"`
	TLSPassthrough types.Bool   `tfsdk:"tls_passthrough"`
}

type healthCheck struct {
	Protocol  types.String `tfsdk:"protocol"`
	Port      types.Int64  `tfsdk:"port"`
	Path      types.String `tfsdk:"path"`
	Interval  types.Int64  `tfsdk:"check_interval_seconds"`
	Timeout   types.Int64  `tfsdk:"response_timeout_seconds"`
	Unhealthy types.Int64  `tfsdk:"unhealthy_threshold"`
	Healthy   types.Int64  `tfsdk:"healthy_threshold"`
}

func (*balancerResource) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "digitalocean_loadbalancer"
}

func (*balancerResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	port := fields.Between(fields.Int(fields.Required), 1, 65535)
	response.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{
			"id":          fields.String(fields.Computed),
			"name":        fields.NotEmpty(fields.String(fields.Required)),
			"region":      fields.String(fields.Optional | fields.Replace),
			"size":        fields.OneOf(fields.String(fields.Optional), "lb-small", "lb-medium", "lb-large"),
			"size_unit":   fields.Between(fields.Int(fields.Optional|fields.Computed), 1, 200),
			"vpc_uuid":    fields.NotEmpty(fields.String(fields.Optional | fields.Computed | fields.Replace)),
			"droplet_ids": fields.NumberSet(fields.Optional | fields.Computed),
			"droplet_tag": fields.String(fields.Optional),
			"ip":          fields.String(fields.Computed),
			"status":      fields.String(fields.Computed),
		},
		Blocks: map[string]schema.Block{
			"forwarding_rule": fields.BlockSet(map[string]schema.Attribute{
				"entry_port":      port,
				"entry_protocol":  fields.OneOf(fields.String(fields.Required), "http", "https", "http2", "http3", "tcp", "udp"),
				"target_port":     port,
				"target_protocol": fields.OneOf(fields.String(fields.Required), "http", "https", "http2", "tcp", "udp"),
				"tls_passthrough": fields.Switch(false, 0),
			}),
			"healthcheck": fields.Blocks(map[string]schema.Attribute{
				"protocol":                 fields.OneOf(fields.String(fields.Required), "http", "https", "tcp"),
				"port":                     port,
				"path":                     fields.NotEmpty(fields.String(fields.Optional)),
				"check_interval_seconds":   fields.Between(fields.Number(10, 0), 3, 300),
				"response_timeout_seconds": fields.Between(fields.Number(5, 0), 3, 300),
				"unhealthy_threshold":      fields.Between(fields.Number(3, 0), 2, 10),
				"healthy_threshold":        fields.Between(fields.Number(5, 0), 2, 10),
			}, 0, 1),
		},
	}
}

// ModifyPlan refuses what the real one refuses in a plan. Droplets by a tag are not known before they are there.
func (r *balancerResource) ModifyPlan(ctx context.Context, request resource.ModifyPlanRequest, response *resource.ModifyPlanResponse) {
	var model balancerModel
	if request.Plan.Raw.IsNull() || request.Config.Get(ctx, &model).HasError() {
		return
	}
	refuse := func(is bool, words string) {
		if is {
			response.Diagnostics.AddError(words, "")
		}
	}
	refuse(!model.Region.IsUnknown() && model.Region.ValueString() == "", "missing 'region' value")
	refuse(len(model.Rules) == 0, "Insufficient forwarding_rule blocks: at least 1 is required")
	refuse(!model.Tag.IsNull() && !model.Droplets.IsNull(), `"droplet_ids": conflicts with droplet_tag`)
	for _, check := range model.Checks {
		protocol, path := check.Protocol.ValueString(), check.Path
		refuse(protocol != "tcp" && !check.Protocol.IsUnknown() && path.IsNull(), "health check `path` is required for when protocol is `"+protocol+"`")
		refuse(protocol == "tcp" && !path.IsNull(), "health check `path` is not allowed for when protocol is `tcp`")
	}
}

var units = map[string]int64{"lb-small": 1, "lb-medium": 3, "lb-large": 6}

func (r *balancerResource) put(ctx context.Context, model *balancerModel) error {
	balancer := &cloud.LoadBalancer{
		ID: model.ID.ValueString(), Name: model.Name.ValueString(), Region: model.Region.ValueString(), Size: model.Size.ValueString(),
		SizeUnit: model.SizeUnit.ValueInt64(), VPC: model.VPC.ValueString(), Droplets: numbersOf(ctx, model.Droplets),
		Tag: model.Tag.ValueString(), Rules: []map[string]any{},
	}
	if balancer.SizeUnit == 0 {
		balancer.SizeUnit = max(1, units[balancer.Size])
	}
	for _, rule := range model.Rules {
		balancer.Rules = append(balancer.Rules, map[string]any{
			"entry_port": rule.EntryPort.ValueInt64(), "entry_protocol": rule.EntryProtocol.ValueString(),
			"target_port": rule.TargetPort.ValueInt64(), "target_protocol": rule.TargetProtocol.ValueString(),
			"tls_passthrough": rule.TLSPassthrough.ValueBool(),
		})
	}
	for _, check := range model.Checks {
		balancer.Check = map[string]any{
			"protocol": check.Protocol.ValueString(), "port": check.Port.ValueInt64(), "path": check.Path.ValueString(),
			"check_interval_seconds": check.Interval.ValueInt64(), "response_timeout_seconds": check.Timeout.ValueInt64(),
			"unhealthy_threshold": check.Unhealthy.ValueInt64(), "healthy_threshold": check.Healthy.ValueInt64(),
		}
	}
	if err := r.account.PutLoadBalancer(balancer); err != nil {
		return err
	}
	model.ID = types.StringValue(balancer.ID)
	fillBalancer(model, balancer)
	return nil
}

func fillBalancer(model *balancerModel, balancer *cloud.LoadBalancer) {
	model.Name, model.Region = types.StringValue(balancer.Name), types.StringValue(balancer.Region)
	model.SizeUnit, model.VPC = types.Int64Value(balancer.SizeUnit), types.StringValue(balancer.VPC)
	model.Droplets = numberSet(types.SetValueMust(types.Int64Type, nil), balancer.Droplets)
	model.Size, model.Tag = keep(model.Size, balancer.Size), keep(model.Tag, balancer.Tag)
	model.Address, model.Status = types.StringValue(balancer.Address), types.StringValue(balancer.Status)
}

func (r *balancerResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	var model balancerModel
	if response.Diagnostics.Append(request.Plan.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	if !failed(&response.Diagnostics, "Error creating Load Balancer", r.put(ctx, &model)) {
		response.Diagnostics.Append(response.State.Set(ctx, &model)...)
	}
}

func (r *balancerResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	var model balancerModel
	if response.Diagnostics.Append(request.State.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	state, err := r.account.Ask("/v2/load_balancers/"+model.ID.ValueString(), "load_balancer.read")
	if failed(&response.Diagnostics, "Error retrieving Loadbalancer", err) {
		return
	}
	balancer := state.LoadBalancers[model.ID.ValueString()]
	if balancer == nil {
		response.State.RemoveResource(ctx)
		return
	}
	fillBalancer(&model, balancer)
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

func (r *balancerResource) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	var model balancerModel
	if response.Diagnostics.Append(request.Plan.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	if !failed(&response.Diagnostics, "Error updating Load Balancer", r.put(ctx, &model)) {
		response.Diagnostics.Append(response.State.Set(ctx, &model)...)
	}
}

func (r *balancerResource) Delete(ctx context.Context, request resource.DeleteRequest, response *resource.DeleteResponse) {
	var model balancerModel
	if response.Diagnostics.Append(request.State.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	id := model.ID.ValueString()
	goneOr(&response.Diagnostics, "Error deleting Load Balancer", r.account.Delete("/v2/load_balancers/"+id, "load_balancer.delete", func(state *cloud.State) bool {
		_, isThere := state.LoadBalancers[id]
		delete(state.LoadBalancers, id)
		return isThere
	}))
}
