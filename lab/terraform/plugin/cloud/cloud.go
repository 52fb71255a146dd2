// Package cloud is the state behind the stand-ins: what there is of volumes, domains, droplets and the rest, in one file
// under a lock that any number of processes share, and the hosts of the lab that machines are.
package cloud

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Settings are written once, by whoever makes the cloud.
type Settings struct {
	// Lab names the lab that machines are hosts of.
	Lab string `json:"lab"`
	// LabFolder holds the lab's record, Groups the control groups of its hosts.
	LabFolder string `json:"labFolder"`
	Groups    string `json:"groups"`
	// Bridge is the interface of this machine in the lab's network.
	Bridge string `json:"bridge"`
	// Command is that of the lab.
	Command []string `json:"command"`
	// Token opens the account at DigitalOcean; Droplets is its limit.
	Token    string `json:"token"`
	Droplets int    `json:"droplets"`
	// Requests is how many of them the API answers before it refuses more; 0: any number.
	Requests int `json:"requests"`
	// Images, Regions and Sizes are what the account can name.
	Images  []string `json:"images"`
	Regions []string `json:"regions"`
	Sizes   []string `json:"sizes"`
	// RefuseVolumes: a volume whose name is taken is refused, as other versions do; 0.8.3 takes the one that is there.
	RefuseVolumes bool `json:"refuseVolumes"`
}

// Cloud is one folder: settings.json, state.json and the lock.
type Cloud struct {
	folder   string
	Settings Settings
}

// Open opens the cloud of the environment.
func Open() (*Cloud, error) {
	folder := os.Getenv("LAB_CLOUD")
	if folder == "" {
		return nil, errors.New("LAB_CLOUD names no folder: these are stand-ins of the lab, and know no other cloud")
	}
	c := &Cloud{folder: folder}
	text, err := os.ReadFile(filepath.Join(folder, "settings.json"))
	if err != nil {
		return nil, fmt.Errorf("no cloud in %s: %w", folder, err)
	}
	return c, json.Unmarshal(text, &c.Settings)
}

// Update changes the state while nobody else does. Nothing is changed where the change fails.
func (c *Cloud) Update(change func(*State) error) error {
	lock, err := c.lock(unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer lock.Close()
	state, err := c.read()
	if err != nil {
		return err
	}
	if err := change(state); err != nil {
		return err
	}
	text, err := json.MarshalIndent(state, "", " ")
	if err != nil {
		return err
	}
	file := filepath.Join(c.folder, "state.json")
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// Look gives the state as it is now.
func (c *Cloud) Look() (*State, error) {
	lock, err := c.lock(unix.LOCK_SH)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	return c.read()
}

// lock holds the lock until the file is closed; the kernel lets go of it when the process ends.
func (c *Cloud) lock(how int) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(c.folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = unix.Flock(int(file.Fd()), how)
		if err != unix.EINTR {
			break
		}
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

func (c *Cloud) read() (*State, error) {
	state := newState()
	text, err := os.ReadFile(filepath.Join(c.folder, "state.json"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if err == nil {
		if err := json.Unmarshal(text, state); err != nil {
			return nil, err
		}
	}
	c.lookAtHosts(state)
	return state, nil
}

// NewID gives a random UUID.
func NewID() string {
	bytes := make([]byte, 16)
	rand.Read(bytes)
	bytes[6] = bytes[6]&0x0f | 0x40
	bytes[8] = bytes[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", bytes[:4], bytes[4:6], bytes[6:8], bytes[8:10], bytes[10:])
}

// NewMAC gives a random one as libvirt does.
func NewMAC() string {
	bytes := make([]byte, 3)
	rand.Read(bytes)
	return fmt.Sprintf("52:54:00:%02X:%02X:%02X", bytes[0], bytes[1], bytes[2])
}
