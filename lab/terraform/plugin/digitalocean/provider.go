// Package digitalocean answers as digitalocean/digitalocean 2.69.0 does, with the attributes of it that the lab knows: what
// is refused, what is replaced and what is waited for follows that provider's source.
package digitalocean

import (
	"cmp"
	"context"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"slipway.test/lab/terraform/account"
	"slipway.test/lab/terraform/cloud"
)

type doProvider struct{}

// New gives the provider.
func New() provider.Provider { return doProvider{} }

func (doProvider) Metadata(_ context.Context, _ provider.MetadataRequest, response *provider.MetadataResponse) {
	response.TypeName = "digitalocean"
	response.Version = "2.69.0"
}

func (doProvider) Schema(_ context.Context, _ provider.SchemaRequest, response *provider.SchemaResponse) {
	response.Schema = providerschema.Schema{Attributes: map[string]providerschema.Attribute{
		"token": providerschema.StringAttribute{Optional: true, Description: "The token key for API operations."},
	}}
}

// A token that is none is not noticed before the first request, as with the real one.
func (doProvider) Configure(ctx context.Context, request provider.ConfigureRequest, response *provider.ConfigureResponse) {
	var token types.String
	response.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("token"), &token)...)
	opened, err := cloud.Open()
	if failed(&response.Diagnostics, "", err) {
		return
	}
	text := cmp.Or(token.ValueString(), os.Getenv("DIGITALOCEAN_TOKEN"), os.Getenv("DIGITALOCEAN_ACCESS_TOKEN"))
	response.ResourceData = account.Account{Cloud: opened, Token: text}
}

func (doProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (doProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return &keyResource{} },
		func() resource.Resource { return &tagResource{} },
		func() resource.Resource { return &vpcResource{} },
		func() resource.Resource { return &dropletResource{} },
		func() resource.Resource { return &firewallResource{} },
		func() resource.Resource { return &balancerResource{} },
	}
}

// connected is what all resources have: the account they are of.
type connected struct{ account account.Account }

func (c *connected) Configure(_ context.Context, request resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	if opened, ok := request.ProviderData.(account.Account); ok {
		c.account = opened
	}
}

func (c *connected) ImportState(ctx context.Context, request resource.ImportStateRequest, response *resource.ImportStateResponse) {
	resource.ImportStatePassthroughID(ctx, path.Root("id"), request, response)
}

// failed adds an error in the provider's words; false where there is none.
func failed(diagnostics *diag.Diagnostics, what string, err error) bool {
	if err != nil {
		diagnostics.AddError(strings.TrimPrefix(what+": "+err.Error(), ": "), "")
	}
	return err != nil
}

// goneOr adds an error unless it says that there is no such thing any more.
func goneOr(diagnostics *diag.Diagnostics, what string, err error) {
	if !account.IsNotFound(err) {
		failed(diagnostics, what, err)
	}
}

// textsOf and numbersOf take a set apart; what is unknown is left out.
func textsOf(ctx context.Context, set types.Set) []string {
	all := []string{}
	if !set.IsNull() && !set.IsUnknown() {
		set.ElementsAs(ctx, &all, true)
	}
	return all
}

func numbersOf(ctx context.Context, set types.Set) []int64 {
	all := []int64{}
	if !set.IsNull() && !set.IsUnknown() {
		set.ElementsAs(ctx, &all, true)
	}
	return all
}

// textSet makes a set; one that was not set and is empty stays as it was.
func textSet(before types.Set, all []string) types.Set {
	if len(all) == 0 && before.IsNull() {
		return types.SetNull(types.StringType)
	}
	values := []attr.Value{}
	for _, text := range all {
		values = append(values, types.StringValue(text))
	}
	return types.SetValueMust(types.StringType, values)
}

func numberSet(before types.Set, all []int64) types.Set {
	if len(all) == 0 && before.IsNull() {
		return types.SetNull(types.Int64Type)
	}
	values := []attr.Value{}
	for _, number := range all {
		values = append(values, types.Int64Value(number))
	}
	return types.SetValueMust(types.Int64Type, values)
}

// keep leaves what is not set and not there as it is.
func keep(told types.String, is string) types.String {
	if is == "" && told.IsNull() {
		return told
	}
	return types.StringValue(is)
}
