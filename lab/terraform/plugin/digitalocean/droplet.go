package digitalocean

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/float64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"slipway.test/lab/terraform/account"
	"slipway.test/lab/terraform/cloud"
	"slipway.test/lab/terraform/fields"
)

type dropletResource struct{ connected }

type dropletModel struct {
	ID               types.String  `tfsdk:"id"`
	Image            types.String  `tfsdk:"image"`
	Name             types.String  `tfsdk:"name"`
	Region           types.String  `tfsdk:"region"`
	Size             types.String  `tfsdk:"size"`
	SSHKeys          types.Set     `tfsdk:"ssh_keys"`
	VPC              types.String  `tfsdk:"vpc_uuid"`
	Tags             types.Set     `tfsdk:"tags"`
	UserData         types.String  `tfsdk:"user_data"`
	IPv6             types.Bool    `tfsdk:"ipv6"`
	Monitoring       types.Bool    `tfsdk:"monitoring"`
	Backups          types.Bool    `tfsdk:"backups"`
	GracefulShutdown types.Bool    `tfsdk:"graceful_shutdown"`
	Agent            types.Bool    `tfsdk:"droplet_agent"`
	URN              types.String  `tfsdk:"urn"`
	Address          types.String  `tfsdk:"ipv4_address"`
	PrivateAddress   types.String  `tfsdk:"ipv4_address_private"`
	IPv6Address      types.String  `tfsdk:"ipv6_address"`
	Status           types.String  `tfsdk:"status"`
	Price            types.Float64 `tfsdk:"price_monthly"`
}

func (*dropletResource) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "digitalocean_droplet"
}

// A name, a size, tags and backups change in place. The real one keeps a hash of the user data in its state; here it is the
// text, hidden.
func (*dropletResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":                   fields.String(fields.Computed),
		"image":                fields.NotEmpty(fields.String(fields.Required | fields.Replace)),
		"name":                 fields.NotEmpty(fields.String(fields.Required)),
		"region":               fields.NotEmpty(fields.String(fields.Optional | fields.Computed | fields.Replace)),
		"size":                 fields.NotEmpty(fields.String(fields.Required)),
		"ssh_keys":             fields.TextSet(fields.Optional | fields.Replace),
		"vpc_uuid":             fields.NotEmpty(fields.String(fields.Optional | fields.Computed | fields.Replace)),
		"tags":                 fields.TextSet(fields.Optional),
		"user_data":            fields.NotEmpty(fields.Secret(fields.Optional | fields.Replace)),
		"ipv6":                 fields.Switch(false, 0),
		"monitoring":           fields.Switch(false, fields.Replace),
		"backups":              fields.Switch(false, 0),
		"graceful_shutdown":    fields.Switch(false, 0),
		"droplet_agent":        fields.Bool(fields.Optional | fields.Replace),
		"urn":                  fields.String(fields.Computed),
		"ipv4_address":         fields.String(fields.Computed),
		"ipv4_address_private": fields.String(fields.Computed),
		"ipv6_address":         fields.String(fields.Computed),
		"status":               fields.String(fields.Computed),
		"price_monthly": schema.Float64Attribute{
			Computed: true, PlanModifiers: []planmodifier.Float64{float64planmodifier.UseStateForUnknown()},
		},
	}}
}

func featuresOf(model dropletModel) []string {
	features := []string{}
	for name, is := range map[string]types.Bool{"ipv6": model.IPv6, "monitoring": model.Monitoring, "backups": model.Backups} {
		if is.ValueBool() {
			features = append(features, name)
		}
	}
	slices.Sort(features)
	return features
}

func (r *dropletResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	var model dropletModel
	if response.Diagnostics.Append(request.Plan.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	id, err := r.account.CreateDroplet(account.DropletWish{
		Name: model.Name.ValueString(), Image: model.Image.ValueString(), Region: strings.ToLower(model.Region.ValueString()),
		Size: strings.ToLower(model.Size.ValueString()), VPC: model.VPC.ValueString(), UserData: model.UserData.ValueString(),
		Keys: textsOf(ctx, model.SSHKeys), Tags: textsOf(ctx, model.Tags), Features: featuresOf(model),
	})
	if failed(&response.Diagnostics, "Error creating droplet", err) {
		return
	}
	// Its number is on record whatever comes next: what is not known yet is null.
	model.ID = types.StringValue(strconv.FormatInt(id, 10))
	nothing(&model.Region, &model.VPC, &model.URN, &model.Address, &model.PrivateAddress, &model.IPv6Address, &model.Status)
	model.Price = types.Float64Null()
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
	droplet, err := r.account.Droplet(id)
	if failed(&response.Diagnostics, fmt.Sprintf("Error waiting for droplet (%d) to become ready", id), err) {
		return
	}
	fillDroplet(&model, droplet)
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

func nothing(texts ...*types.String) {
	for _, text := range texts {
		if text.IsUnknown() {
			*text = types.StringNull()
		}
	}
}

// fillDroplet writes what there is. The image is left alone: a slug names another one from time to time.
func fillDroplet(model *dropletModel, droplet *cloud.Droplet) {
	has := func(feature string) types.Bool { return types.BoolValue(slices.Contains(droplet.Features, feature)) }
	if model.Name.IsNull() {
		model.Image, model.GracefulShutdown = types.StringValue(droplet.Image), types.BoolValue(false)
	}
	model.Name = types.StringValue(droplet.Name)
	model.Region = sameSlug(model.Region, droplet.Region)
	model.Size = sameSlug(model.Size, droplet.Size)
	model.VPC, model.Tags = types.StringValue(droplet.VPC), textSet(model.Tags, droplet.Tags)
	model.IPv6, model.Monitoring, model.Backups = has("ipv6"), has("monitoring"), has("backups")
	model.URN = types.StringValue(fmt.Sprintf("do:droplet:%d", droplet.ID))
	// The lab has one network: the address in the VPC is the same.
	model.Address, model.PrivateAddress = types.StringValue(droplet.Address), types.StringValue(droplet.Address)
	model.IPv6Address, model.Status = types.StringValue(""), types.StringValue(droplet.Status)
	model.Price = types.Float64Value(prices[droplet.Size])
}

// sameSlug keeps how a slug was written: the API's are lower-case.
func sameSlug(told types.String, is string) types.String {
	if strings.EqualFold(told.ValueString(), is) {
		return told
	}
	return types.StringValue(is)
}

var prices = map[string]float64{
	"s-1vcpu-1gb": 6, "s-1vcpu-2gb": 12, "s-2vcpu-2gb": 18, "s-2vcpu-4gb": 24, "s-4vcpu-8gb": 48, "s-8vcpu-16gb": 96,
}

func (r *dropletResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	var model dropletModel
	if response.Diagnostics.Append(request.State.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	id, err := strconv.ParseInt(model.ID.ValueString(), 10, 64)
	if failed(&response.Diagnostics, "invalid droplet id", err) {
		return
	}
	droplet, err := r.account.Droplet(id)
	if account.IsNotFound(err) {
		response.State.RemoveResource(ctx)
		return
	}
	if failed(&response.Diagnostics, "Error retrieving droplet", err) {
		return
	}
	fillDroplet(&model, droplet)
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

func (r *dropletResource) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	var model, before dropletModel
	response.Diagnostics.Append(request.Plan.Get(ctx, &model)...)
	response.Diagnostics.Append(request.State.Get(ctx, &before)...)
	id, err := strconv.ParseInt(model.ID.ValueString(), 10, 64)
	if response.Diagnostics.HasError() || failed(&response.Diagnostics, "invalid droplet id", err) {
		return
	}
	err = r.account.ChangeDroplet(id, func(droplet *cloud.Droplet) {
		droplet.Name, droplet.Size = model.Name.ValueString(), strings.ToLower(model.Size.ValueString())
		droplet.Tags, droplet.Features = textsOf(ctx, model.Tags), featuresOf(model)
	}, !strings.EqualFold(model.Size.ValueString(), before.Size.ValueString()))
	if failed(&response.Diagnostics, fmt.Sprintf("Error changing droplet (%d)", id), err) {
		return
	}
	droplet, err := r.account.Droplet(id)
	if failed(&response.Diagnostics, "Error retrieving droplet", err) {
		return
	}
	status := model.Status
	fillDroplet(&model, droplet)
	if !status.IsUnknown() {
		model.Status = status
	}
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

func (r *dropletResource) Delete(ctx context.Context, request resource.DeleteRequest, response *resource.DeleteResponse) {
	var model dropletModel
	if response.Diagnostics.Append(request.State.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	id, err := strconv.ParseInt(model.ID.ValueString(), 10, 64)
	if failed(&response.Diagnostics, "invalid droplet id", err) {
		return
	}
	goneOr(&response.Diagnostics, "Error deleting droplet", r.account.DeleteDroplet(id))
}
