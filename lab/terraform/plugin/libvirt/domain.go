package libvirt

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"slipway.test/lab/terraform/cloud"
)

type domainResource struct{ connected }

// How often an address that is waited for is asked about.
const lookEvery = 100 * time.Millisecond

func (r *domainResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	var model domainModel
	if response.Diagnostics.Append(request.Plan.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	patience := 5 * time.Minute
	if model.Timeouts != nil && model.Timeouts.Create.ValueString() != "" {
		given, err := time.ParseDuration(model.Timeouts.Create.ValueString())
		if failed(&response.Diagnostics, err) {
			return
		}
		patience = given
	}
	deadline := time.Now().Add(patience)
	rule, err := r.cloud.Meet("domain.create", model.Name.ValueString())
	if failed(&response.Diagnostics, err) {
		return
	}
	if rule.Message != "" {
		response.Diagnostics.AddError("error defining libvirt domain: "+rule.Message, "")
		return
	}
	domain, err := definitionOf(ctx, model)
	if failed(&response.Diagnostics, err) {
		return
	}
	err = r.cloud.Update(func(state *cloud.State) error { return define(r.cloud, state, domain) })
	if failed(&response.Diagnostics, err) {
		return
	}
	// From here on it is there, and the real one forgets it all the same where it does not start: its id is kept only then.
	if err := Start(r.cloud, domain.ID); err != nil {
		response.Diagnostics.AddError("error creating libvirt domain: "+err.Error(), "")
		return
	}
	rule.Done()
	model.ID = types.StringValue(domain.ID)
	unknownToNull(&model)
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
	if waits(model) && !r.awaitAddress(ctx, domain.ID, deadline) {
		response.Diagnostics.AddError(noAddress(domain.ID, patience), "")
	}
	if !model.Running.ValueBool() {
		failed(&response.Diagnostics, Stop(r.cloud, domain.ID))
	}
	state, err := r.cloud.Look()
	if failed(&response.Diagnostics, err) {
		return
	}
	if made := state.Domains[domain.ID]; made != nil {
		fill(&model, made, state, r.cloud, true)
	}
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

func waits(model domainModel) bool {
	for _, each := range model.Interfaces {
		if each.WaitForLease.ValueBool() {
			return true
		}
	}
	return false
}

func (r *domainResource) awaitAddress(ctx context.Context, id string, deadline time.Time) bool {
	for time.Now().Before(deadline) {
		state, err := r.cloud.Look()
		if err == nil && state.Domains[id] != nil && AddressOf(r.cloud, state.Domains[id], sourceOf(state.Domains[id])) != "" {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(min(lookEvery, time.Until(deadline))):
		}
	}
	return false
}

func noAddress(id string, patience time.Duration) string {
	return fmt.Sprintf(`couldn't retrieve IP address of domain id: %s. Please check following:
1) is the domain running proplerly?
2) has the network interface an IP address?
3) Networking issues on your libvirt setup?
4) is DHCP enabled on this Domain's network?
5) if you use bridge network, the domain should have the pkg qemu-agent installed
IMPORTANT: This error is not a terraform libvirt-provider error, but an error caused by your KVM/libvirt infrastructure configuration/setup
timeout while waiting for state to become 'all-addresses-obtained' (last state: 'waiting-addresses', timeout: %s)`, id, patience)
}

func (r *domainResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	var model domainModel
	if response.Diagnostics.Append(request.State.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	state, err := r.cloud.Look()
	if failed(&response.Diagnostics, err) {
		return
	}
	domain := state.Domains[model.ID.ValueString()]
	if domain == nil {
		response.State.RemoveResource(ctx)
		return
	}
	fill(&model, domain, state, r.cloud, false)
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

// Update starts a domain that does not run, whatever else it is asked, as the real one does.
func (r *domainResource) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	var model domainModel
	if response.Diagnostics.Append(request.Plan.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	err := r.cloud.Update(func(state *cloud.State) error {
		domain := state.Domains[model.ID.ValueString()]
		if domain == nil {
			return fmt.Errorf("error retrieving libvirt domain by update: Domain not found: no domain with matching uuid '%s'", model.ID.ValueString())
		}
		domain.HasAgent = model.HasAgent.ValueBool()
		if !model.Autostart.IsUnknown() {
			domain.Autostart = model.Autostart.ValueBool()
		}
		if next := model.CloudInit.ValueString(); next != "" && next != domain.CloudInit {
			if state.Volumes[volumeOf(next)] == nil {
				return fmt.Errorf("can't retrieve volume %s: Storage volume not found", volumeOf(next))
			}
			domain.CloudInit = next
		}
		return nil
	})
	if failed(&response.Diagnostics, err) {
		return
	}
	if err := Start(r.cloud, model.ID.ValueString()); err != nil {
		response.Diagnostics.AddError("error creating libvirt domain: "+err.Error(), "")
		return
	}
	state, err := r.cloud.Look()
	if failed(&response.Diagnostics, err) {
		return
	}
	if domain := state.Domains[model.ID.ValueString()]; domain != nil {
		fill(&model, domain, state, r.cloud, true)
	}
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

func (r *domainResource) Delete(ctx context.Context, request resource.DeleteRequest, response *resource.DeleteResponse) {
	var model domainModel
	if response.Diagnostics.Append(request.State.Get(ctx, &model)...); response.Diagnostics.HasError() {
		return
	}
	id := model.ID.ValueString()
	rule, err := r.cloud.Meet("domain.delete", model.Name.ValueString())
	if failed(&response.Diagnostics, err) {
		return
	}
	if rule.Message != "" {
		response.Diagnostics.AddError("couldn't destroy libvirt domain: "+rule.Message, "")
		return
	}
	if failed(&response.Diagnostics, Undefine(r.cloud, id)) {
		return
	}
	rule.Done()
}
