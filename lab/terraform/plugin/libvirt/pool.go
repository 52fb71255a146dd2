package libvirt

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"slipway.test/lab/terraform/cloud"
	"slipway.test/lab/terraform/fields"
)

type poolResource struct{ connected }

type poolModel struct {
	ID     types.String `tfsdk:"id"`
	Name   types.String `tfsdk:"name"`
	Type   types.String `tfsdk:"type"`
	Target []struct {
		Path types.String `tfsdk:"path"`
	} `tfsdk:"target"`
}

func (*poolResource) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "libvirt_pool"
}

func (*poolResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{
			"id":   fields.String(fields.Computed),
			"name": fields.String(fields.Required | fields.Replace),
			"type": fields.String(fields.Required | fields.Replace),
		},
		Blocks: map[string]schema.Block{
			"target": fields.Blocks(map[string]schema.Attribute{"path": fields.String(fields.Optional | fields.Replace)}, fields.Replace, 1),
		},
	}
}

func (r *poolResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	var model poolModel
	if response.Diagnostics.Append(request.Plan.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	pool := &cloud.Pool{ID: cloud.NewID(), Name: model.Name.ValueString(), Type: model.Type.ValueString()}
	if len(model.Target) > 0 {
		pool.Path = model.Target[0].Path.ValueString()
	}
	err := r.cloud.Update(func(state *cloud.State) error {
		if state.PoolByName(pool.Name) != nil {
			return fmt.Errorf("storage pool '%s' already exists", pool.Name)
		}
		if pool.Type != "dir" && pool.Type != "logical" {
			return errors.New(`only storage pools of type "dir" and "logical" are supported`)
		}
		if pool.Type == "dir" && pool.Path == "" {
			return errors.New("error creating libvirt storage pool: missing storage pool target path")
		}
		state.Pools[pool.ID] = pool
		return nil
	})
	if failed(&response.Diagnostics, err) {
		return
	}
	model.ID = types.StringValue(pool.ID)
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

func (r *poolResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	var model poolModel
	if response.Diagnostics.Append(request.State.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	state, err := r.cloud.Look()
	if failed(&response.Diagnostics, err) {
		return
	}
	pool := state.Pools[model.ID.ValueString()]
	if pool == nil {
		response.State.RemoveResource(ctx)
		return
	}
	model.Name, model.Type = types.StringValue(pool.Name), types.StringValue(pool.Type)
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

// Update is never asked for: whatever changes is replaced.
func (r *poolResource) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

func (r *poolResource) Delete(ctx context.Context, request resource.DeleteRequest, response *resource.DeleteResponse) {
	var model poolModel
	if response.Diagnostics.Append(request.State.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	err := r.cloud.Update(func(state *cloud.State) error {
		pool := state.Pools[model.ID.ValueString()]
		if pool == nil {
			return fmt.Errorf("error retrieving storage pool info: Storage pool not found: no storage pool with matching uuid '%s'", model.ID.ValueString())
		}
		for _, volume := range state.Volumes {
			if volume.Pool == pool.Name {
				return fmt.Errorf("error deleting storage pool: failed to remove pool '%s': Directory not empty", pool.Path)
			}
		}
		delete(state.Pools, pool.ID)
		return nil
	})
	failed(&response.Diagnostics, err)
}
