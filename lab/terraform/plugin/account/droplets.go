package account

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"slipway.test/lab/terraform/cloud"
)

// A name of RFC 1123; they need not differ.
var dropletName = regexp.MustCompile(`^([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$`)

// DropletWish is what a droplet is to be.
type DropletWish struct {
	Name, Image, Region, Size, VPC, UserData string
	Keys, Tags, Features                     []string
}

// CreateDroplet gives the number of one that was made; it boots from then on.
func (a Account) CreateDroplet(wish DropletWish) (int64, error) {
	const method, path = "POST", "/v2/droplets"
	rule, err := a.ask(method, path, "droplet.create", wish.Name)
	if err != nil {
		return 0, err
	}
	var made *cloud.Droplet
	err = a.Cloud.Update(func(state *cloud.State) error {
		made, err = a.newDroplet(state, wish)
		return err
	})
	if err != nil {
		return 0, err
	}
	if err := a.boot(made); err != nil {
		a.Cloud.Update(func(state *cloud.State) error {
			delete(state.Droplets, made.ID)
			return nil
		})
		return 0, refuse(method, path, 500, "Server Error: %s", err)
	}
	rule.Done()
	return made.ID, nil
}

func (a Account) newDroplet(state *cloud.State, wish DropletWish) (*cloud.Droplet, error) {
	const method, path = "POST", "/v2/droplets"
	settings := a.Cloud.Settings
	switch {
	case len(wish.Name) > 253 || !dropletName.MatchString(wish.Name):
		return nil, refuse(method, path, 422, "Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)")
	case !slices.Contains(settings.Regions, wish.Region):
		return nil, refuse(method, path, 422, "You specified an invalid region for Droplet creation.")
	case !slices.Contains(settings.Sizes, wish.Size):
		return nil, refuse(method, path, 422, "You specified an invalid size for Droplet creation.")
	case !slices.Contains(settings.Images, wish.Image):
		return nil, refuse(method, path, 422, "You specified an invalid image for Droplet creation.")
	case len(wish.UserData) > 64*1024:
		return nil, refuse(method, path, 422, "User data is too long (maximum is 64 KiB)")
	}
	present := 0
	for _, droplet := range state.Droplets {
		if droplet.Status != "archive" {
			present++
		}
	}
	if present >= settings.Droplets {
		return nil, refuse(method, path, 422, "creating this/these droplet(s) will exceed your droplet limit")
	}
	var keys []string
	for _, word := range wish.Keys {
		key := keyOf(state, word)
		if key == nil {
			return nil, refuse(method, path, 422, "%s are invalid key identifiers for Droplet creation.", word)
		}
		keys = append(keys, key.PublicKey)
	}
	vpc, err := vpcFor(state, method, path, wish.VPC, wish.Region)
	if err != nil {
		return nil, err
	}
	state.LastNumber++
	droplet := &cloud.Droplet{
		ID: state.LastNumber, Name: wish.Name, Hostname: wish.Name, Image: wish.Image, Region: wish.Region, Size: wish.Size, VPC: vpc.ID,
		Tags: wish.Tags, Features: wish.Features, UserData: wish.UserData, RootKeys: keys, Created: time.Now().UTC(), Status: "new",
	}
	droplet.Host = a.Cloud.HostFor(state, wish.Name, strconv.FormatInt(droplet.ID, 10))
	droplet.Booting = true
	for _, tag := range wish.Tags {
		state.Tags[tag] = true
	}
	state.Droplets[droplet.ID] = droplet
	return droplet, nil
}

func (a Account) boot(droplet *cloud.Droplet) error {
	host, err := a.Cloud.Boot(cloud.Boot{
		Host: droplet.Host, UserData: droplet.UserData, Hostname: droplet.Hostname, RootKeys: droplet.RootKeys,
	})
	if err != nil {
		return err
	}
	return a.Cloud.Update(func(state *cloud.State) error {
		there := state.Droplets[droplet.ID]
		if there == nil {
			return nil
		}
		there.Booting, there.Booted, there.Address, there.Status = false, true, host.Address, "active"
		return nil
	})
}

// Droplet gives one by its number.
func (a Account) Droplet(id int64) (*cloud.Droplet, error) {
	path := fmt.Sprintf("/v2/droplets/%d", id)
	state, err := a.Ask(path, "droplet.read")
	if err != nil {
		return nil, err
	}
	droplet := state.Droplets[id]
	if droplet == nil || droplet.Status == "archive" {
		return nil, NotFound("GET", path)
	}
	a.settle(droplet)
	return droplet, nil
}

// settle says what a droplet's host says of it.
func (a Account) settle(droplet *cloud.Droplet) {
	switch {
	case droplet.Booting:
		droplet.Status = "new"
	case a.Cloud.IsOn(droplet.Host):
		droplet.Status = "active"
	default:
		droplet.Status = "off"
	}
}

// Droplets gives those that there are, the newest last.
func (a Account) Droplets(state *cloud.State) []*cloud.Droplet {
	all := []*cloud.Droplet{}
	for _, droplet := range state.Droplets {
		if droplet.Status != "archive" {
			a.settle(droplet)
			all = append(all, droplet)
		}
	}
	slices.SortFunc(all, func(one, other *cloud.Droplet) int { return int(one.ID - other.ID) })
	return all
}

// ChangeDroplet changes what changes in place; another size switches it off and on.
func (a Account) ChangeDroplet(id int64, change func(*cloud.Droplet), isResized bool) error {
	path := fmt.Sprintf("/v2/droplets/%d/actions", id)
	if _, err := a.ask("POST", path, "droplet.update", ""); err != nil {
		return err
	}
	var changed cloud.Droplet
	err := a.Cloud.Update(func(state *cloud.State) error {
		droplet := state.Droplets[id]
		if droplet == nil {
			return NotFound("POST", path)
		}
		change(droplet)
		if !slices.Contains(a.Cloud.Settings.Sizes, droplet.Size) {
			return refuse("POST", path, 422, "You specified an invalid size for Droplet resize.")
		}
		if !dropletName.MatchString(droplet.Name) {
			return refuse("POST", path, 422, "Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)")
		}
		for _, tag := range droplet.Tags {
			state.Tags[tag] = true
		}
		changed = *droplet
		return nil
	})
	if err != nil || !isResized {
		return err
	}
	if err := a.Cloud.Kill(changed.Host); err != nil {
		return err
	}
	return a.boot(&changed)
}

// DeleteDroplet deletes one; it stays a member of its VPC for as long as the rule `droplet.leave` says.
func (a Account) DeleteDroplet(id int64) error {
	path := fmt.Sprintf("/v2/droplets/%d", id)
	state, err := a.Cloud.Look()
	if err != nil {
		return err
	}
	name := ""
	if droplet := state.Droplets[id]; droplet != nil {
		name = droplet.Name
	}
	rule, err := a.ask("DELETE", path, "droplet.delete", name)
	if err != nil {
		return err
	}
	droplet := state.Droplets[id]
	if droplet == nil || droplet.Status == "archive" {
		return NotFound("DELETE", path)
	}
	if err := a.Cloud.Remove(droplet.Host); err != nil {
		return refuse("DELETE", path, 500, "Server Error: %s", err)
	}
	leaving, err := a.Cloud.Take("droplet.leave", name)
	if err != nil {
		return err
	}
	err = a.Cloud.Update(func(state *cloud.State) error {
		there := state.Droplets[id]
		if there == nil {
			return nil
		}
		for _, firewall := range state.Firewalls {
			firewall.Droplets = slices.DeleteFunc(firewall.Droplets, func(each int64) bool { return each == id })
		}
		for _, balancer := range state.LoadBalancers {
			balancer.Droplets = slices.DeleteFunc(balancer.Droplets, func(each int64) bool { return each == id })
		}
		if leaving.Delay == 0 {
			delete(state.Droplets, id)
			return nil
		}
		there.Status, there.GoneAt = "archive", time.Now().Add(time.Duration(leaving.Delay)*time.Millisecond)
		return nil
	})
	rule.Done()
	return err
}
