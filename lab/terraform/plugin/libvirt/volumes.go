package libvirt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"slipway.test/lab/terraform/cloud"
)

// wish is what a volume is to be.
type wish struct {
	name, pool, source, format, baseID, baseName, basePool string
	size                                                   int64
}

func wishOf(model volumeModel) wish {
	return wish{
		name: model.Name.ValueString(), pool: model.Pool.ValueString(), source: model.Source.ValueString(),
		format: model.Format.ValueString(), size: model.Size.ValueInt64(), baseID: model.BaseVolumeID.ValueString(),
		baseName: model.BaseVolumeName.ValueString(), basePool: model.BaseVolumePool.ValueString(),
	}
}

// makeVolume makes one. Where the name is taken the volume that is there is taken for the new one, as it is: 0.8.3 does so
// without a word.
func makeVolume(c *cloud.Cloud, state *cloud.State, want wish) (*cloud.Volume, error) {
	pool := state.PoolByName(want.pool)
	if pool == nil {
		return nil, fmt.Errorf("can't find storage pool '%s'", want.pool)
	}
	volume := &cloud.Volume{
		Name: want.name, Pool: pool.Name, Path: filepath.Join(pool.Path, want.name), Format: "raw", Capacity: want.size,
		ReadyAt: time.Now(),
	}
	if want.format != "" {
		volume.Format = want.format
	}
	var err error
	if want.source != "" {
		err = fromSource(volume, want)
	} else {
		err = onBase(state, pool, volume, want)
	}
	if err != nil {
		return nil, err
	}
	if there := state.Volumes[volume.Path]; there != nil {
		if c.Settings.RefuseVolumes {
			return nil, fmt.Errorf("storage volume '%s' already exists", want.name)
		}
		return there, nil
	}
	state.Volumes[volume.Path] = volume
	return volume, nil
}

func fromSource(volume *cloud.Volume, want wish) error {
	switch {
	case want.size != 0:
		return errors.New("'size' can't be specified when also 'source' is given (the size will be set to the size of the source image")
	case want.baseID != "":
		return errors.New("'base_volume_id' can't be specified when also 'source' is given")
	case want.baseName != "":
		return errors.New("'base_volume_name' can't be specified when also 'source' is given")
	}
	size, isQCOW2, err := imageAt(want.source)
	if err != nil {
		return fmt.Errorf("error while determining image type for %s: %w", want.source, err)
	}
	if isQCOW2 {
		if want.format != "" && want.format != "qcow2" {
			return fmt.Errorf("format other than QCOW2 explicitly specified for image detected as QCOW2 image: %s", want.source)
		}
		volume.Format = "qcow2"
	}
	volume.Capacity, volume.HasImage = size, true
	return nil
}

func onBase(state *cloud.State, pool *cloud.Pool, volume *cloud.Volume, want wish) error {
	var base *cloud.Volume
	if want.baseID != "" {
		if want.baseName != "" {
			return errors.New("'base_volume_name' can't be specified when also 'base_volume_id' is given")
		}
		if base = state.Volumes[want.baseID]; base == nil {
			return fmt.Errorf("can't retrieve volume ID '%s': Storage volume not found: no storage vol with matching key %s", want.baseID, want.baseID)
		}
	} else if want.baseName != "" {
		if want.basePool != "" {
			if pool = state.PoolByName(want.basePool); pool == nil {
				return fmt.Errorf("can't find storage pool '%s'", want.basePool)
			}
		}
		if base = state.Volumes[filepath.Join(pool.Path, want.baseName)]; base == nil {
			return fmt.Errorf("can't retrieve base volume with name '%s': Storage volume not found: no storage vol with matching name '%s'", want.baseName, want.baseName)
		}
	}
	if base == nil {
		return nil
	}
	if want.size == 0 {
		volume.Capacity = base.Capacity
	}
	if volume.Capacity < base.Capacity {
		return errors.New("when 'size' is specified, it shouldn't\nbe smaller than the backing store specified with\n'base_volume_id' or 'base_volume_name/base_volume_pool'")
	}
	volume.Base, volume.Format = base.Path, "qcow2"
	return nil
}

// imageAt gives the size in bytes that an image's disk has, from a file or a server.
func imageAt(source string) (size int64, isQCOW2 bool, err error) {
	var head []byte
	parsed, err := url.Parse(source)
	if err != nil {
		return 0, false, err
	}
	switch parsed.Scheme {
	case "http", "https":
		response, err := http.Get(source)
		if err != nil {
			return 0, false, err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return 0, false, fmt.Errorf("can't retrieve partial header of resource to determine file type: %s - %s", source, response.Status)
		}
		head, _ = io.ReadAll(io.LimitReader(response.Body, 32))
		size = response.ContentLength
	case "file", "":
		file, err := os.Open(strings.TrimPrefix(source, "file://"))
		if err != nil {
			return 0, false, err
		}
		defer file.Close()
		head, _ = io.ReadAll(io.LimitReader(file, 32))
		facts, err := file.Stat()
		if err != nil {
			return 0, false, err
		}
		size = facts.Size()
	default:
		return 0, false, fmt.Errorf("don't know how to read from '%s'", source)
	}
	if len(head) == 32 && string(head[:4]) == "QFI\xfb" {
		return int64(binary.BigEndian.Uint64(head[24:32])), true, nil
	}
	return size, false, nil
}

// DeleteVolume deletes one; what is gone is gone.
func DeleteVolume(c *cloud.Cloud, path string) error {
	rule, err := c.Meet("volume.delete", filepath.Base(path))
	if err != nil {
		return err
	}
	if rule.Message != "" {
		return fmt.Errorf("can't delete volume %s: %s", path, rule.Message)
	}
	err = c.Update(func(state *cloud.State) error {
		if state.Volumes[path] == nil {
			return fmt.Errorf("volumeDelete: Can't retrieve volume %s: Storage volume not found: no storage vol with matching key %s", path, path)
		}
		delete(state.Volumes, path)
		return nil
	})
	rule.Done()
	return err
}
