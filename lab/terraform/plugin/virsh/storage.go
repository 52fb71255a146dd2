package virsh

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"slipway.test/lab/terraform/cloud"
	"slipway.test/lab/terraform/libvirt"
)

func (c *call) pool(name string) (*cloud.Pool, error) {
	pool := c.state.PoolByName(name)
	if pool == nil {
		pool = c.state.Pools[name]
	}
	if pool == nil {
		return nil, fmt.Errorf("failed to get pool '%s'\nStorage pool not found: no storage pool with matching name '%s'", name, name)
	}
	return pool, nil
}

func volList(c *call) error {
	name := c.options["pool"]
	if name == "" && len(c.words) > 0 {
		name = c.words[0]
	}
	if name == "" {
		return errors.New("command 'vol-list' requires <pool> option")
	}
	pool, err := c.pool(name)
	if err != nil {
		return err
	}
	var rows [][]string
	for _, volume := range c.state.Volumes {
		if volume.Pool == pool.Name {
			rows = append(rows, []string{volume.Name, volume.Path})
		}
	}
	slices.SortFunc(rows, func(one, other []string) int { return strings.Compare(one[0], other[0]) })
	return table([]string{"Name", "Path"}, rows)
}

// volume gives the one that is named, by its name in a pool or by its path.
func (c *call) volume() (*cloud.Volume, error) {
	if len(c.words) == 0 {
		return nil, errors.New("command requires <vol> option")
	}
	path := c.words[0]
	if name := c.options["pool"]; name != "" {
		pool, err := c.pool(name)
		if err != nil {
			return nil, err
		}
		path = filepath.Join(pool.Path, path)
	}
	if volume := c.state.Volumes[path]; volume != nil {
		return volume, nil
	}
	return nil, fmt.Errorf("failed to get vol '%s'\nStorage volume not found: no storage vol with matching path '%s'", c.words[0], c.words[0])
}

func volPath(c *call) error {
	volume, err := c.volume()
	if err != nil {
		return err
	}
	return told("%s\n", volume.Path)
}

func volDelete(c *call) error {
	volume, err := c.volume()
	if err != nil {
		return err
	}
	if err := libvirt.DeleteVolume(c.cloud, volume.Path); err != nil {
		return fmt.Errorf("Failed to delete vol %s\n%w", c.words[0], err)
	}
	return told("Vol %s deleted\n", c.words[0])
}

func poolList(c *call) error {
	var rows [][]string
	for _, pool := range c.state.Pools {
		rows = append(rows, []string{pool.Name, "active", "yes"})
	}
	return listed(c, rows)
}

func netList(c *call) error {
	var rows [][]string
	for _, network := range c.state.Networks {
		autostart := "no"
		if network.Autostart {
			autostart = "yes"
		}
		rows = append(rows, []string{network.Name, "active", autostart})
	}
	return listed(c, rows)
}

func listed(c *call, rows [][]string) error {
	slices.SortFunc(rows, func(one, other []string) int { return strings.Compare(one[0], other[0]) })
	if !c.has("name") {
		return table([]string{"Name", "State", "Autostart"}, rows)
	}
	for _, row := range rows {
		fmt.Println(row[0])
	}
	return told("")
}
