package digitalocean

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"slipway.test/lab/terraform/account"
	"slipway.test/lab/terraform/cloud"
	"slipway.test/lab/terraform/fields"
)

// How long one whose members are still there is tried to be deleted, and how often.
const (
	vpcPatience = 2 * time.Minute
	vpcTryEvery = 500 * time.Millisecond
)

type vpcResource struct{ connected }

type vpcModel struct {
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	Region      types.String `tfsdk:"region"`
	Range       types.String `tfsdk:"ip_range"`
	Description types.String `tfsdk:"description"`
	URN         types.String `tfsdk:"urn"`
}

func (*vpcResource) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "digitalocean_vpc"
}

func (*vpcResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":          fields.String(fields.Computed),
		"name":        fields.NotEmpty(fields.String(fields.Required)),
		"region":      fields.NotEmpty(fields.String(fields.Required | fields.Replace)),
		"ip_range":    fields.String(fields.Optional | fields.Computed | fields.Replace),
		"description": fields.String(fields.Optional),
		"urn":         fields.String(fields.Computed),
	}}
}

func (r *vpcResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	var model vpcModel
	if response.Diagnostics.Append(request.Plan.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	vpc := &cloud.VPC{
		Name: model.Name.ValueString(), Region: model.Region.ValueString(), Range: model.Range.ValueString(),
		Description: model.Description.ValueString(),
	}
	if failed(&response.Diagnostics, "Error creating VPC", r.account.CreateVPC(vpc)) {
		return
	}
	model.ID = types.StringValue(vpc.ID)
	fillVPC(&model, vpc)
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

func fillVPC(model *vpcModel, vpc *cloud.VPC) {
	model.Name, model.Region, model.Range = types.StringValue(vpc.Name), types.StringValue(vpc.Region), types.StringValue(vpc.Range)
	model.Description, model.URN = keep(model.Description, vpc.Description), types.StringValue("do:vpc:"+vpc.ID)
}

func (r *vpcResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	var model vpcModel
	if response.Diagnostics.Append(request.State.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	state, err := r.account.Ask("/v2/vpcs/"+model.ID.ValueString(), "vpc.read")
	if failed(&response.Diagnostics, "Error reading VPC", err) {
		return
	}
	vpc := state.VPCs[model.ID.ValueString()]
	if vpc == nil {
		response.State.RemoveResource(ctx)
		return
	}
	fillVPC(&model, vpc)
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

func (r *vpcResource) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	var model vpcModel
	if response.Diagnostics.Append(request.Plan.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	err := r.account.ChangeVPC(model.ID.ValueString(), model.Name.ValueString(), model.Description.ValueString())
	if !failed(&response.Diagnostics, "Error updating VPC", err) {
		response.Diagnostics.Append(response.State.Set(ctx, &model)...)
	}
}

// Delete tries again while members are still leaving.
func (r *vpcResource) Delete(ctx context.Context, request resource.DeleteRequest, response *resource.DeleteResponse) {
	var model vpcModel
	if response.Diagnostics.Append(request.State.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	deadline := time.Now().Add(vpcPatience)
	for {
		err := r.account.DeleteVPC(model.ID.ValueString())
		if !account.IsForbidden(err) || time.Now().After(deadline) {
			failed(&response.Diagnostics, "Error deleting VPC", err)
			return
		}
		select {
		case <-ctx.Done():
			failed(&response.Diagnostics, "Error deleting VPC", err)
			return
		case <-time.After(vpcTryEvery):
		}
	}
}
