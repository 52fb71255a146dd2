package libvirt

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"slipway.test/lab/terraform/cloud"
	"slipway.test/lab/terraform/fields"
)

type cloudinitResource struct{ connected }

type cloudinitModel struct {
	ID            types.String `tfsdk:"id"`
	Name          types.String `tfsdk:"name"`
	Pool          types.String `tfsdk:"pool"`
	UserData      types.String `tfsdk:"user_data"`
	MetaData      types.String `tfsdk:"meta_data"`
	NetworkConfig types.String `tfsdk:"network_config"`
}

func (*cloudinitResource) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "libvirt_cloudinit_disk"
}

func (*cloudinitResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":             fields.String(fields.Computed),
		"name":           fields.String(fields.Required | fields.Replace),
		"pool":           fields.Text("default", fields.Replace),
		"user_data":      fields.String(fields.Optional | fields.Replace),
		"meta_data":      fields.String(fields.Optional | fields.Replace),
		"network_config": fields.String(fields.Optional | fields.Replace),
	}}
}

// An import by id is not offered for these.
func (r *cloudinitResource) ImportState(_ context.Context, _ resource.ImportStateRequest, response *resource.ImportStateResponse) {
	response.Diagnostics.AddError("resource libvirt_cloudinit_disk doesn't support import", "")
}

func (r *cloudinitResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	var model cloudinitModel
	if response.Diagnostics.Append(request.Plan.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	name := model.Name.ValueString()
	created, err := r.cloud.Meet("cloudinit.create", name)
	if failed(&response.Diagnostics, err) {
		return
	}
	if created.Message != "" {
		response.Diagnostics.AddError(fmt.Sprintf("error creating libvirt volume for cloudinit device %s: %s", name, created.Message), "")
		return
	}
	// It is told before its upload has ended where a rule says so; see domain.go.
	var path string
	err = r.cloud.Update(func(state *cloud.State) error {
		pool := state.PoolByName(model.Pool.ValueString())
		if pool == nil {
			return fmt.Errorf("can't find storage pool '%s'", model.Pool.ValueString())
		}
		path = filepath.Join(pool.Path, name)
		if state.Volumes[path] != nil {
			return fmt.Errorf("error creating libvirt volume for cloudinit device %s: storage volume '%s' exists already", name, name)
		}
		state.Volumes[path] = &cloud.Volume{
			Name: name, Pool: pool.Name, Path: path, Format: "raw", Capacity: 376832,
			ReadyAt: time.Now().Add(uploadTime(state, name)),
			Seed: &cloud.CloudInit{
				UserData: model.UserData.ValueString(), MetaData: model.MetaData.ValueString(), NetworkConfig: model.NetworkConfig.ValueString(),
			},
		}
		return nil
	})
	if failed(&response.Diagnostics, err) {
		return
	}
	created.Done()
	model.ID = types.StringValue(path + ";" + cloud.NewID())
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

// uploadTime is how long the disk is not there yet, by the rule `cloudinit.upload`, which is for every disk of the name.
func uploadTime(state *cloud.State, name string) time.Duration {
	for _, rule := range state.Rules {
		if rule.On == "cloudinit.upload" && (rule.Name == "" || rule.Name == name) {
			return time.Duration(rule.Delay) * time.Millisecond
		}
	}
	return 0
}

// volumeOf gives the path in an id, which ends in a random UUID.
func volumeOf(id string) string {
	path, _, _ := strings.Cut(id, ";")
	return path
}

func (r *cloudinitResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	var model cloudinitModel
	if response.Diagnostics.Append(request.State.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	state, err := r.cloud.Look()
	if failed(&response.Diagnostics, err) {
		return
	}
	volume := state.Volumes[volumeOf(model.ID.ValueString())]
	if volume == nil || volume.Seed == nil {
		response.State.RemoveResource(ctx)
		return
	}
	model.Name, model.Pool = types.StringValue(volume.Name), types.StringValue(volume.Pool)
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

// Update is never asked for: whatever changes is replaced.
func (r *cloudinitResource) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {
}

func (r *cloudinitResource) Delete(ctx context.Context, request resource.DeleteRequest, response *resource.DeleteResponse) {
	var model cloudinitModel
	if response.Diagnostics.Append(request.State.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	failed(&response.Diagnostics, DeleteVolume(r.cloud, volumeOf(model.ID.ValueString())))
}
