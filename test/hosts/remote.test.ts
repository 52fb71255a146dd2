import { execFileSync } from 'node:child_process'
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ask, folder, place } from './probeFolder.ts'

describe('what an earlier Kubernetes has left', () => {
  const left = (data: string, pid = 0) =>
    ask(
      'slipway.rke2.leftovers',
      `leftovers({"rke2-server": {"main_pid": 0}, "rke2-agent": {"main_pid": ${pid}}}, ${JSON.stringify(data)})[0]`,
      'os.path.exists = lambda path: False',
      'stray_processes = lambda: ["process etcd"]',
      'interfaces = lambda: ["eth0", "cali0", "flannel.1"]',
      'names = lambda path: ["10-canal.conflist"]',
    )

  it('are its processes, its interfaces and the settings of its network', () => {
    expect(left(join(folder, 'none'))).toEqual([
      'process etcd',
      'interface cali0',
      'interface flannel.1',
      '/etc/cni/net.d/10-canal.conflist',
    ])
  })

  it.each(['server', 'agent'])('are not those that outlive a stopped service beside the data of a %s', kind => {
    mkdirSync(join(folder, kind))
    expect(left(folder)).toEqual([])
  })

  it('are not those of a service that runs', () => {
    expect(left(join(folder, 'none'), 7)).toEqual([])
  })
})

describe('container networks', () => {
  it('are those of a Kubernetes, or of others by the name of their file or by what they are made of', () => {
    const plugins = (...types: string[]) => JSON.stringify({ plugins: types.map(type => ({ type })) })
    for (const [name, content] of [
      ['87-podman-bridge.conflist', plugins('bridge', 'portmap', 'firewall', 'tuning')],
      ['100-crio-bridge.conflist', ''],
      ['50-home.conflist', plugins('macvlan')],
      ['99-loopback.conf', '{"type": "loopback"}'],
      ['10-canal.conflist', plugins('calico', 'portmap', 'bandwidth')],
      ['10-flannel.conflist', plugins('flannel', 'portmap')],
      ['05-cilium.conflist', plugins('cilium-cni')],
      ['10-broken.conflist', '{'],
      ['readme', ''],
    ] as const)
      place(name, content)
    const found = ask('slipway.rke2.leftovers', 'cni_files()[:2]', `CNI = ${JSON.stringify(folder)}`)
    const at = (name: string) => join(folder, name)
    expect(found).toEqual([
      ['05-cilium.conflist', '10-broken.conflist', '10-canal.conflist', '10-flannel.conflist'].map(at),
      [
        { path: at('100-crio-bridge.conflist'), owner: 'CRI-O' },
        { path: at('50-home.conflist'), owner: null },
        { path: at('87-podman-bridge.conflist'), owner: 'Podman' },
        { path: at('99-loopback.conf'), owner: null },
      ],
    ])
  })
})

describe('a bridge', () => {
  const left = (content: object) => {
    place('100-crio-bridge.conflist', JSON.stringify(content))
    return ask(
      'slipway.rke2.leftovers',
      `leftovers({"rke2-server": {"main_pid": 0}, "rke2-agent": {"main_pid": 0}}, "/nowhere")[0]`,
      `CNI = ${JSON.stringify(folder)}`,
      'os.path.exists = lambda path: False',
      'stray_processes = lambda: []',
      'interfaces = lambda: ["cni0", "eth0"]',
    )
  }
  it('is no leftover where it belongs to the network of somebody else', () => {
    expect(left({ plugins: [{ type: 'bridge', bridge: 'cni0' }] })).toEqual([])
    expect(left({ plugins: [{ type: 'bridge' }] })).toEqual([])
    expect(left({ plugins: [{ type: 'bridge', bridge: 'other0' }] })).toEqual(['interface cni0'])
  })
})

describe('the SSH host keys of a host', () => {
  it('are told as ssh-keygen shows them, and those that are no keys not at all', () => {
    mkdirSync(join(folder, 'ssh'))
    const shown = ['ed25519', 'ecdsa'].map(kind => {
      execFileSync('ssh-keygen', ['-q', '-t', kind, '-N', '', '-f', join(folder, `ssh/ssh_host_${kind}_key`)])
      const line = execFileSync('ssh-keygen', ['-lf', join(folder, `ssh/ssh_host_${kind}_key.pub`)], {
        encoding: 'utf8',
      })
      return line.split(' ')[1]
    })
    place('ssh/ssh_host_rsa_key.pub', 'ssh-rsa not-a-key root@x\n')
    place('ssh/ssh_host_dsa_key.pub')
    place('ssh/ssh_config', 'Host *\n')
    expect(ask('slipway.host_keys', `host_keys("${folder}/ssh")`)).toEqual(shown.toSorted())
    expect(ask('slipway.host_keys', `host_keys("${folder}/nowhere")`)).toEqual([])
  })
})

describe('data on the host', () => {
  const data = () => ask('slipway.rke2.observe', `data(${JSON.stringify(folder)})`)

  it('are those of a member of etcd, with the name it has there', () => {
    expect(data()).toMatchObject({ etcd_member: false, etcd_name: null, ca: null })
    place('server/db/etcd/member/wal/0.wal')
    place('server/db/etcd/name', 'm1-3f9c0a12\n')
    expect(data()).toMatchObject({ etcd_member: true, etcd_name: 'm1-3f9c0a12' })
  })

  it('have the CA of the server before that of the agent, byte for byte', () => {
    place('agent/server-ca.crt', 'of the agent\n')
    expect(data()).toMatchObject({ ca: btoa('of the agent\n') })
    place('server/tls/server-ca.crt', 'of the server\n\n')
    expect(data()).toMatchObject({ ca: btoa('of the server\n\n') })
  })
})

describe('the release on the host', () => {
  const version = 'v1.34.1+rke2r1'
  const note = (names: readonly string[]) =>
    JSON.stringify({
      version,
      files: names.map(name => {
        const { size, mtimeMs } = statSync(join(folder, name))
        return [join(folder, name), size, Math.trunc(mtimeMs / 1000)]
      }),
    })
  const release = () =>
    ask(
      'slipway.rke2.installed',
      `release(read_note(), prefix, noted_version(read_note(), prefix), [])`,
      `NOTE = ${JSON.stringify(join(folder, 'note'))}; prefix = ${JSON.stringify(folder)}`,
    )

  it('is complete when every file of the note is as it was put there', () => {
    for (const name of ['bin/rke2', 'lib/rke2-server.service']) place(name, name)
    place('note', note(['bin/rke2', 'lib/rke2-server.service']))
    expect(release()).toMatchObject({ version, complete: true })
    place('lib/rke2-server.service', 'another')
    expect(release()).toMatchObject({ version, complete: false })
    place('bin/rke2', 'also another')
    expect(release()).toMatchObject({ version: null, complete: false })
  })

  it.each(['', '[]', '{', '{"version": "v1.34.1+rke2r1"}', '{"images": {}}', '{"files": [1, [], [2]]}'])(
    'is not told from a note that says %j',
    text => {
      place('note', text)
      expect(release()).toMatchObject({ version: null, complete: false })
    },
  )
})

describe('the folder that a release would be put into', () => {
  const chosen = (note: string, mounts: string, readOnly = false) =>
    ask(
      'slipway.rke2.installed',
      `install_prefix(${note})`,
      `text = lambda path, limit=0: ${JSON.stringify(mounts)}`,
      `os.statvfs = lambda path: type("", (), {"f_flag": ${readOnly ? 'os.ST_RDONLY' : '0'}})`,
    )

  it('is /usr/local, unless that is read-only or a mount of its own', () => {
    expect(chosen('{}', '1 0 8:1 / / rw')).toBe('/usr/local')
    expect(chosen('{}', '1 0 8:1 / / rw\n2 1 8:2 / /usr/local rw')).toBe('/opt/rke2')
    expect(chosen('{}', '1 0 8:1 / / ro', true)).toBe('/opt/rke2')
  })

  it('is not that of a note whose release is gone', () => {
    expect(chosen('{"prefix": "/opt/rke2"}', '1 0 8:1 / / rw')).toBe('/usr/local')
  })
})

describe('the Python for Ansible’s modules', () => {
  const chosen = (own: string, others: readonly string[]) =>
    ask(
      'slipway.interpreter',
      'module_python()',
      `sys.version_info = (${own}); sys.executable = "/usr/bin/python3"`,
      `os.access = lambda path, mode: path in ${JSON.stringify(others)}`,
    )

  it('is the host’s own where it is new enough', () => {
    expect(chosen('3, 8, 1', ['/usr/bin/python3.12'])).toEqual(['/usr/bin/python3', '3.8.1'])
  })

  it('is the newest beside it where it is too old', () => {
    const others = ['/usr/bin/python3.9', '/usr/local/bin/python3.11', '/usr/bin/python3.7']
    expect(chosen('3, 6, 8', others)).toEqual(['/usr/local/bin/python3.11', '3.11'])
  })

  it('stays what it is where nothing is new enough, so that the preflight can say so', () => {
    expect(chosen('3, 6, 8', ['/usr/bin/python3.7'])).toEqual(['/usr/bin/python3', '3.6.8'])
  })
})
