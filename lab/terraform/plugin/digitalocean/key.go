package digitalocean

import (
	"context"
	"regexp"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"slipway.test/lab/terraform/cloud"
	"slipway.test/lab/terraform/fields"
)

type keyResource struct{ connected }

type keyModel struct {
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	PublicKey   types.String `tfsdk:"public_key"`
	Fingerprint types.String `tfsdk:"fingerprint"`
}

func (*keyResource) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "digitalocean_ssh_key"
}

func (*keyResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":          fields.String(fields.Computed),
		"name":        fields.NotEmpty(fields.String(fields.Required)),
		"public_key":  fields.NotEmpty(fields.String(fields.Required | fields.Replace)),
		"fingerprint": fields.String(fields.Computed),
	}}
}

func (r *keyResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	var model keyModel
	if response.Diagnostics.Append(request.Plan.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	key, err := r.account.CreateKey(model.Name.ValueString(), strings.TrimSpace(model.PublicKey.ValueString()))
	if failed(&response.Diagnostics, "Error creating SSH Key", err) {
		return
	}
	model.ID, model.Fingerprint = types.StringValue(strconv.FormatInt(key.ID, 10)), types.StringValue(key.Fingerprint)
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

func (r *keyResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	var model keyModel
	if response.Diagnostics.Append(request.State.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	state, err := r.account.Ask("/v2/account/keys/"+model.ID.ValueString(), "key.read")
	if failed(&response.Diagnostics, "Error retrieving SSH key", err) {
		return
	}
	key := state.Keys[model.ID.ValueString()]
	if key == nil {
		response.State.RemoveResource(ctx)
		return
	}
	model.Name, model.Fingerprint = types.StringValue(key.Name), types.StringValue(key.Fingerprint)
	if strings.TrimSpace(model.PublicKey.ValueString()) != key.PublicKey {
		model.PublicKey = types.StringValue(key.PublicKey)
	}
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

func (r *keyResource) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	var model keyModel
	if response.Diagnostics.Append(request.Plan.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	err := r.account.Cloud.Update(func(state *cloud.State) error {
		if key := state.Keys[model.ID.ValueString()]; key != nil {
			key.Name = model.Name.ValueString()
		}
		return nil
	})
	if !failed(&response.Diagnostics, "Failed to update SSH key", err) {
		response.Diagnostics.Append(response.State.Set(ctx, &model)...)
	}
}

func (r *keyResource) Delete(ctx context.Context, request resource.DeleteRequest, response *resource.DeleteResponse) {
	var model keyModel
	if response.Diagnostics.Append(request.State.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	id := model.ID.ValueString()
	failed(&response.Diagnostics, "Error deleting SSH key", r.account.Delete("/v2/account/keys/"+id, "key.delete", func(state *cloud.State) bool {
		_, isThere := state.Keys[id]
		delete(state.Keys, id)
		return isThere
	}))
}

type tagResource struct{ connected }

type tagModel struct {
	ID   types.String `tfsdk:"id"`
	Name types.String `tfsdk:"name"`
}

var tagName = regexp.MustCompile(`^[a-zA-Z0-9:_-]{1,255}$`)

func (*tagResource) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "digitalocean_tag"
}

func (*tagResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id": fields.String(fields.Computed), "name": fields.String(fields.Required | fields.Replace),
	}}
}

func (r *tagResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	var model tagModel
	if response.Diagnostics.Append(request.Plan.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	if !tagName.MatchString(model.Name.ValueString()) {
		response.Diagnostics.AddError("tags may only contain lowercase letters, numbers, colons, dashes, and underscores", "")
		return
	}
	if failed(&response.Diagnostics, "Error creating tag", r.account.CreateTag(model.Name.ValueString())) {
		return
	}
	model.ID = model.Name
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

func (r *tagResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	var model tagModel
	if response.Diagnostics.Append(request.State.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	state, err := r.account.Ask("/v2/tags/"+model.ID.ValueString(), "tag.read")
	if failed(&response.Diagnostics, "Error retrieving tag", err) {
		return
	}
	if !state.Tags[model.ID.ValueString()] {
		response.State.RemoveResource(ctx)
		return
	}
	model.Name = model.ID
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

// Update is never asked for: whatever changes is replaced.
func (r *tagResource) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

func (r *tagResource) Delete(ctx context.Context, request resource.DeleteRequest, response *resource.DeleteResponse) {
	var model tagModel
	if response.Diagnostics.Append(request.State.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	id := model.ID.ValueString()
	failed(&response.Diagnostics, "Error deleting tag", r.account.Delete("/v2/tags/"+id, "tag.delete", func(state *cloud.State) bool {
		isThere := state.Tags[id]
		delete(state.Tags, id)
		return isThere
	}))
}
