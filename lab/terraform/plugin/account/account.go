// Package account is what an account at DigitalOcean lets be done, by its token: the provider's plugin and the API ask it
// for everything.
package account

import (
	"fmt"
	"slices"

	"slipway.test/lab/terraform/cloud"
)

// Account is one that is asked with a token.
type Account struct {
	Cloud *cloud.Cloud
	Token string
}

// Refusal is an answer that is none, as the API has it.
type Refusal struct {
	Method, Path string
	Status       int
	ID, Message  string
}

// Error is in the form of the real client.
func (r *Refusal) Error() string {
	return fmt.Sprintf("%s https://api.digitalocean.com%s: %d (request %q) %s", r.Method, r.Path, r.Status, cloud.NewID(), r.Message)
}

var words = map[int]string{
	401: "Unauthorized", 403: "forbidden", 404: "not_found", 409: "conflict", 422: "unprocessable_entity", 429: "too_many_requests",
	500: "server_error",
}

func refuse(method, path string, status int, format string, values ...any) error {
	return &Refusal{method, path, status, words[status], fmt.Sprintf(format, values...)}
}

// ask counts a request, and answers what every one may get: that the token is none, that there were too many, or what a
// rule has for this operation.
func (a Account) ask(method, path, operation, name string) (cloud.Rule, error) {
	if a.Token != a.Cloud.Settings.Token {
		return cloud.Rule{}, refuse(method, path, 401, "Unable to authenticate you")
	}
	if limit := a.Cloud.Settings.Requests; limit > 0 {
		var asked int
		err := a.Cloud.Update(func(state *cloud.State) error {
			state.Requests++
			asked = state.Requests
			return nil
		})
		if err != nil {
			return cloud.Rule{}, err
		}
		if asked > limit {
			return cloud.Rule{}, refuse(method, path, 429, "Too many requests")
		}
	}
	rule, err := a.Cloud.Meet(operation, name)
	if err == nil && rule.Status != 0 {
		message := rule.Message
		if message == "" {
			message = standing[rule.Status]
		}
		err = refuse(method, path, rule.Status, "%s", message)
	}
	return rule, err
}

// What the API says with a status that a rule names alone.
var standing = map[int]string{
	401: "Unable to authenticate you",
	403: "You are not authorized to perform this operation",
	422: "creating this/these droplet(s) will exceed your droplet limit",
	429: "Too many requests",
	500: "Server Error",
	503: "Service Unavailable",
}

// Ask is for what changes nothing.
func (a Account) Ask(path, operation string) (*cloud.State, error) {
	if _, err := a.ask("GET", path, operation, ""); err != nil {
		return nil, err
	}
	return a.Cloud.Look()
}

// NotFound is the answer for what there is not.
func NotFound(method, path string) error {
	return refuse(method, path, 404, "The resource you were accessing could not be found.")
}

// IsNotFound tells whether an answer says that there is no such thing.
func IsNotFound(err error) bool { return hasStatus(err, 404) }

// IsForbidden tells whether an answer is 403.
func IsForbidden(err error) bool { return hasStatus(err, 403) }

func hasStatus(err error, status int) bool {
	refusal, isRefusal := err.(*Refusal)
	return isRefusal && refusal.Status == status
}

// requireDroplets refuses numbers of droplets that there are not. The words are the lab's.
func requireDroplets(state *cloud.State, method, path string, ids []int64) error {
	for _, id := range ids {
		if droplet := state.Droplets[id]; droplet == nil || droplet.Status == "archive" {
			return refuse(method, path, 422, "droplet %d was not found", id)
		}
	}
	return nil
}

func (a Account) requireRegion(method, path, region, message string) error {
	if slices.Contains(a.Cloud.Settings.Regions, region) {
		return nil
	}
	return refuse(method, path, 422, "%s", message)
}

// vpcFor gives the network that is named, or the default one of a region, which is made when it is first needed.
func vpcFor(state *cloud.State, method, path, id, region string) (*cloud.VPC, error) {
	if id != "" {
		vpc := state.VPCs[id]
		if vpc == nil {
			return nil, refuse(method, path, 422, "VPC UUID is invalid")
		}
		if vpc.Region != region {
			return nil, refuse(method, path, 422, "the VPC %s is not in the region %s", id, region)
		}
		return vpc, nil
	}
	for _, vpc := range state.VPCs {
		if vpc.IsDefault && vpc.Region == region {
			return vpc, nil
		}
	}
	vpc := &cloud.VPC{ID: cloud.NewID(), Name: "default-" + region, Region: region, Range: freeRange(state), IsDefault: true}
	state.VPCs[vpc.ID] = vpc
	return vpc, nil
}
