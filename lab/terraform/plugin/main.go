// Command cloud stands for what Terraform's providers talk to, over one folder that LAB_CLOUD names. It is what it is
// called:
//
//	terraform-provider-libvirt, terraform-provider-digitalocean   plugins with the published schemas
//	virsh                                                         the command, as far as it is asked
//	lab-cloud                                                     the API of DigitalOcean, faults, a look at everything
//
// A machine that is made is a host of the lab.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"slipway.test/lab/terraform/api"
	"slipway.test/lab/terraform/digitalocean"
	"slipway.test/lab/terraform/libvirt"
	"slipway.test/lab/terraform/virsh"
)

func main() {
	name := filepath.Base(os.Args[0])
	switch {
	case strings.HasPrefix(name, "terraform-provider-libvirt"):
		serve("registry.opentofu.org/dmacvicar/libvirt", libvirt.New)
	case strings.HasPrefix(name, "terraform-provider-digitalocean"):
		serve("registry.opentofu.org/digitalocean/digitalocean", digitalocean.New)
	case name == "virsh":
		os.Exit(virsh.Main(os.Args[1:]))
	default:
		os.Exit(api.Main(os.Args[1:]))
	}
}

func serve(address string, create func() provider.Provider) {
	// The real ones speak this version.
	options := providerserver.ServeOpts{Address: address, ProtocolVersion: 5}
	if err := providerserver.Serve(context.Background(), create, options); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
