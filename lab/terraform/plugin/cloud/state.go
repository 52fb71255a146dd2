package cloud

import "time"

// State is everything there is. Maps are by the id that the provider knows a thing by.
type State struct {
	Pools    map[string]*Pool    `json:"pools"`
	Volumes  map[string]*Volume  `json:"volumes"`
	Networks map[string]*Network `json:"networks"`
	Domains  map[string]*Domain  `json:"domains"`

	Keys          map[string]*Key          `json:"keys"`
	VPCs          map[string]*VPC          `json:"vpcs"`
	Tags          map[string]bool          `json:"tags"`
	Droplets      map[int64]*Droplet       `json:"droplets"`
	Firewalls     map[string]*Firewall     `json:"firewalls"`
	LoadBalancers map[string]*LoadBalancer `json:"load_balancers"`
	// LastNumber is that of the last droplet or key.
	LastNumber int64 `json:"last_number"`
	// Requests counts those that the API was asked.
	Requests int `json:"requests"`

	Rules []*Rule `json:"rules"`
}

// Pool is a storage pool, by its UUID.
type Pool struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
	Path string `json:"path"`
}

// Volume is one of a pool, by its path.
type Volume struct {
	Name   string `json:"name"`
	Pool   string `json:"pool"`
	Path   string `json:"path"`
	Format string `json:"format"`
	// Capacity in bytes.
	Capacity int64 `json:"capacity"`
	// Base is the path of the volume below this one.
	Base string `json:"base,omitempty"`
	// HasImage: something was uploaded that boots.
	HasImage bool `json:"has_image,omitempty"`
	// Seed is what a cloud-init disk holds, and ReadyAt when its upload has ended.
	Seed    *CloudInit `json:"seed,omitempty"`
	ReadyAt time.Time  `json:"ready_at"`
}

// CloudInit is what a cloud-init disk holds.
type CloudInit struct {
	UserData      string `json:"user_data"`
	MetaData      string `json:"meta_data"`
	NetworkConfig string `json:"network_config"`
}

// Network is a virtual network, by its UUID.
type Network struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Mode      string   `json:"mode"`
	Domain    string   `json:"domain"`
	Bridge    string   `json:"bridge"`
	MTU       int64    `json:"mtu"`
	Addresses []string `json:"addresses"`
	Autostart bool     `json:"autostart"`
	HasDHCP   bool     `json:"has_dhcp"`
}

// Machine is what domains and droplets have in common: the host of the lab behind them.
type Machine struct {
	// Host is its name in the lab; it is there once Booted, or some way to it while Booting.
	Host    string `json:"host"`
	Booting bool   `json:"booting,omitempty"`
	Booted  bool   `json:"booted,omitempty"`
	Address string `json:"address"`
	// Agent: its user data installs a guest agent.
	Agent bool `json:"agent,omitempty"`
}

// Domain is a virtual machine, by its UUID.
type Domain struct {
	Machine
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	Description string      `json:"description"`
	Type        string      `json:"type"`
	Arch        string      `json:"arch"`
	Kind        string      `json:"machine"`
	VCPU        int64       `json:"vcpu"`
	Memory      int64       `json:"memory"`
	Autostart   bool        `json:"autostart"`
	HasAgent    bool        `json:"has_agent"`
	CloudInit   string      `json:"cloudinit"`
	CPU         string      `json:"cpu"`
	Disks       []Disk      `json:"disks"`
	Interfaces  []Interface `json:"interfaces"`
	// Started: whether it is meant to run; a disk without a system runs, and nothing comes of it.
	Started bool `json:"started"`
	// HasSystem: there is something on its disks that boots.
	HasSystem bool `json:"has_system,omitempty"`
	// LeaseAt is when its address is told; NoLease: never.
	LeaseAt time.Time `json:"lease_at"`
	NoLease bool      `json:"no_lease,omitempty"`
}

// Disk of a domain: one of these is set.
type Disk struct {
	Volume string `json:"volume,omitempty"`
	URL    string `json:"url,omitempty"`
	File   string `json:"file,omitempty"`
	Block  string `json:"block,omitempty"`
	SCSI   bool   `json:"scsi,omitempty"`
	WWN    string `json:"wwn,omitempty"`
}

// Interface of a domain.
type Interface struct {
	Network string `json:"network"`
	Bridge  string `json:"bridge"`
	MAC     string `json:"mac"`
}

func newState() *State {
	pool := &Pool{ID: "6f2f1d5c-6a1e-4c4f-9a47-6a3ad7a5a001", Name: "default", Type: "dir", Path: "/var/lib/libvirt/images"}
	network := &Network{
		ID: "6f2f1d5c-6a1e-4c4f-9a47-6a3ad7a5a002", Name: "default", Mode: "nat", Bridge: "virbr0",
		Addresses: []string{"192.168.122.0/24"}, Autostart: true, HasDHCP: true,
	}
	return &State{
		Pools:         map[string]*Pool{pool.ID: pool},
		Volumes:       map[string]*Volume{},
		Networks:      map[string]*Network{network.ID: network},
		Domains:       map[string]*Domain{},
		Keys:          map[string]*Key{},
		VPCs:          map[string]*VPC{},
		Tags:          map[string]bool{},
		Droplets:      map[int64]*Droplet{},
		Firewalls:     map[string]*Firewall{},
		LoadBalancers: map[string]*LoadBalancer{},
		LastNumber:    400000000,
	}
}

// PoolByName gives nil where there is none.
func (s *State) PoolByName(name string) *Pool {
	for _, pool := range s.Pools {
		if pool.Name == name {
			return pool
		}
	}
	return nil
}

// NetworkByName gives nil where there is none.
func (s *State) NetworkByName(name string) *Network {
	for _, network := range s.Networks {
		if network.Name == name {
			return network
		}
	}
	return nil
}

// DomainByName gives nil where there is none.
func (s *State) DomainByName(name string) *Domain {
	for _, domain := range s.Domains {
		if domain.Name == name {
			return domain
		}
	}
	return nil
}

// Boots tells whether a system is on a volume, or on the one below it.
func (s *State) Boots(path string) bool {
	volume := s.Volumes[path]
	return volume != nil && (volume.HasImage || volume.Base != "" && s.Boots(volume.Base))
}
