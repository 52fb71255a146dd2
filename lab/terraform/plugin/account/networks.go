package account

import (
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"slipway.test/lab/terraform/cloud"
)

var vpcName = regexp.MustCompile(`^[a-zA-Z0-9.-]+$`)

// CreateVPC makes a private network.
func (a Account) CreateVPC(vpc *cloud.VPC) error {
	const method, path = "POST", "/v2/vpcs"
	rule, err := a.ask(method, path, "vpc.create", vpc.Name)
	if err != nil {
		return err
	}
	err = a.Cloud.Update(func(state *cloud.State) error {
		if err := a.requireRegion(method, path, vpc.Region, "Region is invalid"); err != nil {
			return err
		}
		if !vpcName.MatchString(vpc.Name) {
			return refuse(method, path, 422, "name may only contain alphanumeric characters, dashes, and periods")
		}
		if vpc.Range == "" {
			vpc.Range = freeRange(state)
		}
		prefix, err := netip.ParsePrefix(vpc.Range)
		if err != nil || prefix != prefix.Masked() || !prefix.Addr().IsPrivate() || prefix.Bits() < 16 || prefix.Bits() > 28 {
			return refuse(method, path, 422, "ip_range is invalid: a private network of /16 to /28 in CIDR notation")
		}
		for _, other := range state.VPCs {
			if other.Name == vpc.Name {
				return refuse(method, path, 422, "a VPC with the same name already exists in your account")
			}
			if netip.MustParsePrefix(other.Range).Overlaps(prefix) {
				return refuse(method, path, 422, "This range/size overlaps with another VPC network in your account: %s", other.Range)
			}
		}
		vpc.ID = cloud.NewID()
		state.VPCs[vpc.ID] = vpc
		return nil
	})
	if err == nil {
		rule.Done()
	}
	return err
}

func freeRange(state *cloud.State) string {
	for number := range 256 {
		prefix := netip.MustParsePrefix(fmt.Sprintf("10.%d.0.0/20", 100+number%100))
		isFree := true
		for _, other := range state.VPCs {
			isFree = isFree && !netip.MustParsePrefix(other.Range).Overlaps(prefix)
		}
		if isFree {
			return prefix.String()
		}
	}
	return ""
}

// ChangeVPC changes its name and description.
func (a Account) ChangeVPC(id, name, description string) error {
	path := "/v2/vpcs/" + id
	if _, err := a.ask("PUT", path, "vpc.update", name); err != nil {
		return err
	}
	return a.Cloud.Update(func(state *cloud.State) error {
		vpc := state.VPCs[id]
		if vpc == nil {
			return NotFound("PUT", path)
		}
		vpc.Name, vpc.Description = name, description
		return nil
	})
}

// DeleteVPC deletes one that has no members.
func (a Account) DeleteVPC(id string) error {
	path := "/v2/vpcs/" + id
	if _, err := a.ask("DELETE", path, "vpc.delete", ""); err != nil {
		return err
	}
	return a.Cloud.Update(func(state *cloud.State) error {
		vpc := state.VPCs[id]
		if vpc == nil {
			return NotFound("DELETE", path)
		}
		if vpc.IsDefault {
			return refuse("DELETE", path, 403, "Can not delete default VPCs")
		}
		for _, droplet := range state.Droplets {
			if droplet.VPC == id {
				return refuse("DELETE", path, 403, "Can not delete VPC with members")
			}
		}
		for _, balancer := range state.LoadBalancers {
			if balancer.VPC == id {
				return refuse("DELETE", path, 403, "Can not delete VPC with members")
			}
		}
		delete(state.VPCs, id)
		return nil
	})
}

// CreateKey adds an SSH key to the account.
func (a Account) CreateKey(name, publicKey string) (*cloud.Key, error) {
	const method, path = "POST", "/v2/account/keys"
	if _, err := a.ask(method, path, "key.create", name); err != nil {
		return nil, err
	}
	fingerprint, isKey := fingerprintOf(publicKey)
	if !isKey {
		return nil, refuse(method, path, 422, "Key invalid, key should be of the format `type key [comment]`")
	}
	key := &cloud.Key{Name: name, PublicKey: publicKey, Fingerprint: fingerprint}
	return key, a.Cloud.Update(func(state *cloud.State) error {
		if keyOf(state, fingerprint) != nil {
			return refuse(method, path, 422, "SSH Key is already in use on your account")
		}
		state.LastNumber++
		key.ID = state.LastNumber
		state.Keys[strconv.FormatInt(key.ID, 10)] = key
		return nil
	})
}

func fingerprintOf(publicKey string) (string, bool) {
	words := strings.Fields(publicKey)
	if len(words) < 2 || !strings.Contains(words[0], "-") {
		return "", false
	}
	data, err := base64.StdEncoding.DecodeString(words[1])
	if err != nil || len(data) < 32 {
		return "", false
	}
	sum := md5.Sum(data)
	return strings.TrimSuffix(strings.ReplaceAll(fmt.Sprintf("% x", sum), " ", ":"), ":"), true
}

// keyOf finds a key by its number or its fingerprint.
func keyOf(state *cloud.State, word string) *cloud.Key {
	for id, key := range state.Keys {
		if id == word || key.Fingerprint == word {
			return key
		}
	}
	return nil
}

// Delete takes a thing without conditions off the account: a key, a tag, a firewall or a load balancer.
func (a Account) Delete(path, operation string, remove func(*cloud.State) bool) error {
	if _, err := a.ask("DELETE", path, operation, ""); err != nil {
		return err
	}
	return a.Cloud.Update(func(state *cloud.State) error {
		if !remove(state) {
			return NotFound("DELETE", path)
		}
		return nil
	})
}

// CreateTag makes a tag; it is no matter whether there is one.
func (a Account) CreateTag(name string) error {
	if _, err := a.ask("POST", "/v2/tags", "tag.create", name); err != nil {
		return err
	}
	return a.Cloud.Update(func(state *cloud.State) error {
		state.Tags[name] = true
		return nil
	})
}
