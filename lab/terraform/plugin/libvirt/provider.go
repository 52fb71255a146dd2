// Package libvirt answers as dmacvicar/libvirt 0.8.3 does, with the attributes of it that the lab knows: what is refused,
// what is replaced and what is left behind follows that version's source.
package libvirt

import (
	"context"
	"net/url"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"slipway.test/lab/terraform/cloud"
)

type libvirtProvider struct{}

// New gives the provider.
func New() provider.Provider { return libvirtProvider{} }

func (libvirtProvider) Metadata(_ context.Context, _ provider.MetadataRequest, response *provider.MetadataResponse) {
	response.TypeName = "libvirt"
	response.Version = "0.8.3"
}

func (libvirtProvider) Schema(_ context.Context, _ provider.SchemaRequest, response *provider.SchemaResponse) {
	response.Schema = providerschema.Schema{Attributes: map[string]providerschema.Attribute{
		"uri": providerschema.StringAttribute{Optional: true, Description: "libvirt connection URI for operations"},
	}}
}

func (libvirtProvider) Configure(ctx context.Context, request provider.ConfigureRequest, response *provider.ConfigureResponse) {
	var uri types.String
	response.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("uri"), &uri)...)
	text := uri.ValueString()
	if text == "" {
		text = os.Getenv("LIBVIRT_DEFAULT_URI")
	}
	if text == "" {
		response.Diagnostics.AddError("uri: the libvirt connection URI is not set", "")
		return
	}
	parsed, err := url.Parse(text)
	if err != nil || parsed.Scheme != "qemu" {
		response.Diagnostics.AddError("failed to connect: unsupported transport "+text, "The lab knows qemu:///system.")
		return
	}
	opened, err := cloud.Open()
	if err != nil {
		response.Diagnostics.AddError("failed to connect: dial unix /var/run/libvirt/libvirt-sock: connect: no such file or directory", err.Error())
		return
	}
	response.ResourceData = opened
}

func (libvirtProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (libvirtProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return &poolResource{} },
		func() resource.Resource { return &volumeResource{} },
		func() resource.Resource { return &cloudinitResource{} },
		func() resource.Resource { return &networkResource{} },
		func() resource.Resource { return &domainResource{} },
	}
}

// connected is what all resources have: the cloud they are in.
type connected struct{ cloud *cloud.Cloud }

func (c *connected) Configure(_ context.Context, request resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	if opened, ok := request.ProviderData.(*cloud.Cloud); ok {
		c.cloud = opened
	}
}

func (c *connected) ImportState(ctx context.Context, request resource.ImportStateRequest, response *resource.ImportStateResponse) {
	resource.ImportStatePassthroughID(ctx, path.Root("id"), request, response)
}

// failed adds an error in the provider's words; false where there is none.
func failed(diagnostics *diag.Diagnostics, err error) bool {
	if err != nil {
		diagnostics.AddError(err.Error(), "")
	}
	return err != nil
}
