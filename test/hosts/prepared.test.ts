import { describe, expect, it } from 'vitest'
import { printedBy } from './hostPython.ts'

/** What the probe tells of a kernel, on this machine with files that a test makes up. */

function ask(expression: string, files: Readonly<Record<string, string>>): unknown {
  const script = [
    'import os',
    'from slipway.rke2 import prepared',
    `files = ${JSON.stringify(files)}`,
    'prepared.text = lambda path, limit=0: files.get(path)',
    'prepared.names = lambda folder: sorted(path.split("/")[-1] for path in files if path.rsplit("/", 1)[0] == folder)',
    'os.path.exists = lambda path: path in files',
    'os.path.isdir = lambda path: any(file.startswith(path + "/") for file in files)',
    'os.uname = lambda: type("", (), {"release": "6.1"})',
    `print(json.dumps(prepared.${expression}))`,
  ].join('\n')
  return printedBy(script)
}

describe('cgroup controllers', () => {
  const second = '/sys/fs/cgroup/cgroup.controllers'
  const first = (hierarchy: number, enabled = 1) => ({
    '/proc/cgroups': `#subsys_name hierarchy num_cgroups enabled\ncpu ${hierarchy} 1 ${enabled}\npids ${hierarchy} 1 1`,
  })

  it('are those of version 2 where it has any', () => {
    expect(ask('controllers()', { [second]: 'cpuset cpu io memory pids', ...first(0) })).toEqual([
      'cpu',
      'cpuset',
      'io',
      'memory',
      'pids',
    ])
    expect(ask('controllers()', { [second]: 'cpuset io', ...first(3) })).toEqual(['cpuset', 'io'])
  })

  it('are those of version 1 where that is in use', () => {
    expect(ask('controllers()', first(3))).toEqual(['cpu', 'pids'])
    expect(ask('controllers()', first(3, 0))).toEqual(['pids'])
    expect(ask('controllers()', { [second]: '', ...first(3) })).toEqual(['cpu', 'pids'])
  })

  it('are none in a container that was given none, and unknown where nothing says so', () => {
    expect(ask('controllers()', { [second]: '', ...first(0) })).toEqual([])
    expect(ask('controllers()', {})).toBeNull()
  })
})

describe('kernel modules', () => {
  const missing = (files: Readonly<Record<string, string>>) => ask('missing_modules()', files)
  const loaded = { '/proc/filesystems': 'nodev\toverlay', '/sys/module/br_netfilter/refcnt': '0' }
  const listed = {
    '/lib/modules/6.1/modules.dep': 'kernel/fs/overlayfs/overlay.ko.xz:\nkernel/net/bridge/br_netfilter.ko:',
  }

  it('that are loaded, listed or built in are not missed', () => {
    expect(missing(loaded)).toEqual([])
    expect(missing(listed)).toEqual([])
    const builtin = {
      '/lib/modules/6.1/modules.builtin': 'kernel/fs/overlayfs/overlay.ko\nkernel/net/bridge/br_netfilter.ko',
    }
    expect(missing({ '/lib/modules/6.1/modules.dep': 'kernel/x.ko:', ...builtin })).toEqual([])
  })

  it('are missed where the kernel lists others only, or may not load them', () => {
    expect(missing({ '/lib/modules/6.1/modules.dep': 'kernel/fs/overlayfs/overlay.ko:' })).toEqual(['br_netfilter'])
    expect(missing({ ...listed, '/etc/modprobe.d/cis.conf': '  install overlay /bin/false\n' })).toEqual(['overlay'])
    expect(missing({ ...loaded, '/etc/modprobe.d/cis.conf': 'install overlay /bin/false\n' })).toEqual([])
  })

  it('are not missed where nothing can be told', () => {
    expect(missing({})).toEqual([])
  })
})
