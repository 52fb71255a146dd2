package cloud

import "time"

// Key is an SSH key of the account, by its number.
type Key struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	PublicKey   string `json:"public_key"`
	Fingerprint string `json:"fingerprint"`
}

// VPC is a private network, by its UUID.
type VPC struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Region      string `json:"region"`
	Range       string `json:"ip_range"`
	Description string `json:"description"`
	IsDefault   bool   `json:"default"`
}

// Droplet is a machine, by its number.
type Droplet struct {
	Machine
	ID   int64  `json:"id"`
	Name string `json:"name"`
	// Hostname is the name that it was made with.
	Hostname string    `json:"hostname"`
	Image    string    `json:"image"`
	Region   string    `json:"region"`
	Size     string    `json:"size"`
	VPC      string    `json:"vpc_uuid"`
	Tags     []string  `json:"tags"`
	Features []string  `json:"features"`
	UserData string    `json:"user_data"`
	RootKeys []string  `json:"root_keys"`
	Created  time.Time `json:"created_at"`
	// Status is new, active, off or archive.
	Status string `json:"status"`
	// GoneAt: deleted, and still a member of its VPC until then.
	GoneAt time.Time `json:"gone_at"`
}

// Firewall is one, by its UUID. Its rules are as the API has them.
type Firewall struct {
	ID       string           `json:"id"`
	Name     string           `json:"name"`
	Status   string           `json:"status"`
	Droplets []int64          `json:"droplet_ids"`
	Tags     []string         `json:"tags"`
	Inbound  []map[string]any `json:"inbound_rules"`
	Outbound []map[string]any `json:"outbound_rules"`
}

// LoadBalancer is one, by its UUID.
type LoadBalancer struct {
	ID       string           `json:"id"`
	Name     string           `json:"name"`
	Status   string           `json:"status"`
	Region   string           `json:"region"`
	Address  string           `json:"ip"`
	Size     string           `json:"size"`
	SizeUnit int64            `json:"size_unit"`
	VPC      string           `json:"vpc_uuid"`
	Droplets []int64          `json:"droplet_ids"`
	Tag      string           `json:"tag"`
	Rules    []map[string]any `json:"forwarding_rules"`
	Check    map[string]any   `json:"health_check"`
}
