package api

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway.test/lab/terraform/account"
	"slipway.test/lab/terraform/cloud"
)

// thing is one of a list, as the API shows it.
type thing struct {
	id   string
	tags []string
	body map[string]any
}

// Tags are the same whatever the case of their letters.
func (t thing) hasTag(tag string) bool {
	return slices.ContainsFunc(t.tags, func(each string) bool { return strings.EqualFold(each, tag) })
}

type listing struct {
	plural, single string
	all            func(*cloud.State, account.Account) []thing
}

var lists = map[string]listing{
	"droplets":       {"droplets", "droplet", droplets},
	"vpcs":           {"vpcs", "vpc", vpcs},
	"firewalls":      {"firewalls", "firewall", firewalls},
	"load_balancers": {"load_balancers", "load_balancer", balancers},
	"account/keys":   {"ssh_keys", "ssh_key", keys},
	"tags":           {"tags", "tag", tags},
}

func droplets(state *cloud.State, asked account.Account) []thing {
	all := []thing{}
	for _, droplet := range asked.Droplets(state) {
		networks := []map[string]any{}
		if droplet.Address != "" {
			for _, kind := range []string{"public", "private"} {
				networks = append(networks, map[string]any{
					"ip_address": droplet.Address, "netmask": "255.255.255.0", "gateway": "", "type": kind,
				})
			}
		}
		all = append(all, thing{strconv.FormatInt(droplet.ID, 10), droplet.Tags, map[string]any{
			"id": droplet.ID, "name": droplet.Name, "status": droplet.Status, "locked": droplet.Booting, "tags": orNone(droplet.Tags),
			"created_at": droplet.Created.Format(time.RFC3339), "size_slug": droplet.Size, "vpc_uuid": droplet.VPC,
			"features": orNone(droplet.Features), "volume_ids": []string{}, "region": map[string]any{"slug": droplet.Region},
			"image": map[string]any{"slug": droplet.Image}, "size": map[string]any{"slug": droplet.Size},
			"networks": map[string]any{"v4": networks, "v6": []any{}},
		}})
	}
	return all
}

// orNone is an empty list in place of null.
func orNone(texts []string) []string { return append([]string{}, texts...) }

// sorted gives a map's values in an order that stays.
func sorted[V any](all map[string]V, show func(string, V) thing) []thing {
	things := []thing{}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		things = append(things, show(id, all[id]))
	}
	return things
}

func vpcs(state *cloud.State, _ account.Account) []thing {
	return sorted(state.VPCs, func(id string, vpc *cloud.VPC) thing {
		return thing{id, nil, map[string]any{
			"id": id, "urn": "do:vpc:" + id, "name": vpc.Name, "description": vpc.Description, "region": vpc.Region, "ip_range": vpc.Range,
			"default": vpc.IsDefault,
		}}
	})
}

func firewalls(state *cloud.State, _ account.Account) []thing {
	return sorted(state.Firewalls, func(id string, firewall *cloud.Firewall) thing {
		return thing{id, firewall.Tags, map[string]any{
			"id": id, "name": firewall.Name, "status": firewall.Status, "droplet_ids": firewall.Droplets, "tags": orNone(firewall.Tags),
			"inbound_rules": firewall.Inbound, "outbound_rules": firewall.Outbound, "pending_changes": []any{},
		}}
	})
}

func balancers(state *cloud.State, _ account.Account) []thing {
	return sorted(state.LoadBalancers, func(id string, balancer *cloud.LoadBalancer) thing {
		return thing{id, []string{balancer.Tag}, map[string]any{
			"id": id, "name": balancer.Name, "ip": balancer.Address, "status": balancer.Status, "size_unit": balancer.SizeUnit,
			"region": map[string]any{"slug": balancer.Region}, "vpc_uuid": balancer.VPC, "droplet_ids": balancer.Droplets, "tag": balancer.Tag,
			"forwarding_rules": balancer.Rules, "health_check": balancer.Check,
		}}
	})
}

func keys(state *cloud.State, _ account.Account) []thing {
	return sorted(state.Keys, func(id string, key *cloud.Key) thing {
		return thing{id, nil, map[string]any{"id": key.ID, "name": key.Name, "public_key": key.PublicKey, "fingerprint": key.Fingerprint}}
	})
}

func tags(state *cloud.State, _ account.Account) []thing {
	return sorted(state.Tags, func(name string, _ bool) thing { return thing{name, nil, map[string]any{"name": name}} })
}

type removal func(account.Account, string) error

var removals = map[string]removal{
	"droplets": func(asked account.Account, id string) error {
		number, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return account.NotFound("DELETE", "/v2/droplets/"+id)
		}
		return asked.DeleteDroplet(number)
	},
	"vpcs": account.Account.DeleteVPC,
	"firewalls": func(asked account.Account, id string) error {
		return drop(asked, "firewalls", "firewall", id, func(state *cloud.State) map[string]*cloud.Firewall { return state.Firewalls })
	},
	"load_balancers": func(asked account.Account, id string) error {
		return drop(asked, "load_balancers", "load_balancer", id, func(state *cloud.State) map[string]*cloud.LoadBalancer { return state.LoadBalancers })
	},
	"account/keys": func(asked account.Account, id string) error {
		return drop(asked, "account/keys", "key", id, func(state *cloud.State) map[string]*cloud.Key { return state.Keys })
	},
	"tags": func(asked account.Account, id string) error {
		return drop(asked, "tags", "tag", id, func(state *cloud.State) map[string]bool { return state.Tags })
	},
}

func drop[V any](asked account.Account, path, kind, id string, of func(*cloud.State) map[string]V) error {
	return asked.Delete(fmt.Sprintf("/v2/%s/%s", path, id), kind+".delete", func(state *cloud.State) bool {
		all := of(state)
		_, isThere := all[id]
		delete(all, id)
		return isThere
	})
}
