package libvirt

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"slipway.test/lab/terraform/cloud"
	"slipway.test/lab/terraform/fields"
)

type volumeResource struct{ connected }

type volumeModel struct {
	ID             types.String `tfsdk:"id"`
	Name           types.String `tfsdk:"name"`
	Pool           types.String `tfsdk:"pool"`
	Source         types.String `tfsdk:"source"`
	Size           types.Int64  `tfsdk:"size"`
	Format         types.String `tfsdk:"format"`
	BaseVolumeID   types.String `tfsdk:"base_volume_id"`
	BaseVolumeName types.String `tfsdk:"base_volume_name"`
	BaseVolumePool types.String `tfsdk:"base_volume_pool"`
}

func (*volumeResource) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "libvirt_volume"
}

func (*volumeResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":               fields.String(fields.Computed),
		"name":             fields.String(fields.Required | fields.Replace),
		"pool":             fields.Text("default", fields.Replace),
		"source":           fields.String(fields.Optional | fields.Replace),
		"size":             fields.Int(fields.Optional | fields.Computed | fields.Replace),
		"format":           fields.String(fields.Optional | fields.Computed | fields.Replace),
		"base_volume_id":   fields.String(fields.Optional | fields.Replace),
		"base_volume_name": fields.String(fields.Optional | fields.Replace),
		"base_volume_pool": fields.String(fields.Optional | fields.Replace),
	}}
}

func (r *volumeResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	var model volumeModel
	if response.Diagnostics.Append(request.Plan.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	rule, err := r.cloud.Meet("volume.create", model.Name.ValueString())
	if failed(&response.Diagnostics, err) {
		return
	}
	if rule.Message != "" {
		response.Diagnostics.AddError("error creating libvirt volume: "+rule.Message, "")
		return
	}
	var volume *cloud.Volume
	err = r.cloud.Update(func(state *cloud.State) error {
		volume, err = makeVolume(r.cloud, state, wishOf(model))
		return err
	})
	if failed(&response.Diagnostics, err) {
		return
	}
	rule.Done()
	model.ID = types.StringValue(volume.Path)
	model.Size = types.Int64Value(volume.Capacity)
	model.Format = types.StringValue(volume.Format)
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

func (r *volumeResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	var model volumeModel
	if response.Diagnostics.Append(request.State.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	state, err := r.cloud.Look()
	if failed(&response.Diagnostics, err) {
		return
	}
	volume := state.Volumes[model.ID.ValueString()]
	if volume == nil {
		response.State.RemoveResource(ctx)
		return
	}
	model.Name, model.Pool = types.StringValue(volume.Name), types.StringValue(volume.Pool)
	model.Size, model.Format = types.Int64Value(volume.Capacity), types.StringValue(volume.Format)
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

// Update is never asked for: whatever changes is replaced.
func (r *volumeResource) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

func (r *volumeResource) Delete(ctx context.Context, request resource.DeleteRequest, response *resource.DeleteResponse) {
	var model volumeModel
	if response.Diagnostics.Append(request.State.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	failed(&response.Diagnostics, DeleteVolume(r.cloud, model.ID.ValueString()))
}
