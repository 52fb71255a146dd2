import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type ClusterOptions, type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { hostPrint, installedFiles } from './hostPrint.ts'
import { startMirror } from './mirror.ts'
import { storedText } from '../store/storedText.ts'
import { watchArguments } from './watchArguments.ts'

/** Where releases come from, and the ways to a machine. Each cluster is small, on machines of its own. */

const version = 'v1.34.1+rke2r1'
const tarball = 'rke2.linux-amd64.tar.gz'
const sums = 'sha256sum-amd64.txt'

const nodeShape = z.object({
  hostname: z.string(),
  internal_ip: z.string(),
  status: z.string(),
  installed_version: z.string(),
})
const sites: Site[] = []

async function siteOf(lab: InstallLab, options: ClusterOptions): Promise<Site> {
  const site = await openSite(lab, options)
  sites.push(site)
  return site
}

async function activeNodes(site: Site): Promise<string[]> {
  const nodes = z.array(nodeShape).parse(JSON.parse(await site.done('nodes', site.cluster, '-o', 'json')))
  return nodes.map(({ hostname, status, installed_version }) => `${hostname} ${status} ${installed_version}`)
}

const download = async (lab: InstallLab, file: string): Promise<Uint8Array> => {
  const response = await fetch(`${lab.artifactUrl}/${encodeURIComponent(version)}/${file}`)
  if (!response.ok) throw new Error(`${file}: status ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}

afterEach(async () => {
  await Promise.all(sites.splice(0).map(site => site[Symbol.asyncDispose]()))
})

describe('releases', () => {
  let lab: InstallLab
  beforeAll(async () => {
    lab = await labUp(`test-sources-${process.pid}`, ['s1', 'w1', 's2', 's3', 's4', 's5'], { ipv6: true })
  })
  afterAll(() => lab?.down())
  afterEach(() => rm(lab.description.release_faults_file, { force: true }))

  /** Clusters that were looked at need not go on beside the next one. */
  const off = (...hosts: readonly string[]) => Promise.all(hosts.map(host => lab.fault('kill', host)))
  const faults = (of: Readonly<Record<string, string>>) =>
    writeFile(lab.description.release_faults_file, JSON.stringify(of))

  /** What is wrong is told in the middle of the run, and at its end; nothing of what Ansible has written stands there. */
  const expectShort = (told: string) => {
    expect(told).not.toMatch(/FAILED!|slipway_message|"changed":/)
    const run = told.slice(told.indexOf('run-queued'))
    expect(run.split('\n').length).toBeLessThan(30)
    expect(run.split(tarball), run).toHaveLength(3)
  }

  it('that fail their checksum are refused with nothing left on the machines, and taken once they are right', async () => {
    const site = await siteOf(lab, { servers: ['s1'], workers: ['w1'] })
    await faults({ [sums]: 'wrong-checksum' })
    const refused = await site.slipway('apply', '-f', site.file, '--yes')
    expect(refused.code).toBe(4)
    expect(refused.stderr).toContain('checksum')
    expect(refused.stderr).toContain(tarball)
    expect(refused.stderr).toContain('checksum-mismatch')
    // What is wrong is the source: it is told once, with both checksums, and the machines are named.
    const end = refused.stderr.slice(refused.stderr.indexOf('error[run-failed]'))
    expect(end.match(/has the sha256 [0-9a-f]{64}, but \S+ lists [0-9a-f]{64}/g)).toHaveLength(1)
    expect(end).toMatch(/nodes s1, w1: /)
    expectShort(refused.stderr)
    expect(refused.stderr.match(/has the sha256/g)).toHaveLength(2)
    expect(refused.stderr).not.toMatch(/Traceback|^\s+at /m)
    for (const host of ['s1', 'w1'])
      expect(
        (await installedFiles(lab, host)).split('\n').filter(path => /rke2|\.partial/.test(path)),
        host,
      ).toEqual([])

    await rm(lab.description.release_faults_file)
    await site.done('apply', '-f', site.file, '--yes')
    expect(await activeNodes(site)).toEqual([`s1 active ${version}`, `w1 active ${version}`])
    expect(await lab.read('s1', 'rke2 --version')).toContain(version)
  })

  it('that arrive cut short are refused, and the machines stay with the cluster they were given to', async () => {
    const site = await siteOf(lab, { name: 'first', servers: ['s2'] })
    await faults({ [tarball]: 'cut' })
    const cut = await site.slipway('apply', '-f', site.file, '--yes')
    expect(cut.code).toBe(4)
    const cutEnd = cut.stderr.slice(cut.stderr.indexOf('error[run-failed]'))
    expect(cutEnd).toMatch(/: the connection ended after \d+ of \d+ bytes\n/)
    expect(cutEnd).toContain('Check artifact_url')
    expectShort(cut.stderr)
    await writeFile(join(site.home, 'second.yaml'), (await readFile(site.file, 'utf8')).replace('first', 'second'))
    const clash = await site.slipway('apply', '-f', join(site.home, 'second.yaml'), '--yes')
    expect(clash.code).toBe(2)
    expect(clash.stderr).toContain(`${lab.address('s2')} is the address of node s2 in cluster first`)
    const stored = z.array(z.object({ name: z.string() })).parse(JSON.parse(await site.done('status', '-o', 'json')))
    expect(stored.map(({ name }) => name)).toEqual(['first'])
  })

  it('come from a mirror at any URL, and from nowhere else', async () => {
    await off('s1', 'w1')
    await lab.fault('wipe', 's2')
    await using mirror = await startMirror(new URL(lab.artifactUrl).hostname, lab.artifactUrl)
    const site = await siteOf(lab, { servers: ['s2'], spec: { artifact_url: `${mirror.url}/` } })
    await site.done('apply', '-f', site.file, '--yes')
    expect(await activeNodes(site)).toEqual([`s2 active ${version}`])
    const paths = mirror.requests.map(({ path }) => path.slice(path.lastIndexOf('/', path.lastIndexOf('/') - 1) + 1))
    expect(new Set(paths)).toEqual(new Set([`v1.34.1%2Brke2r1/${tarball}`, `v1.34.1%2Brke2r1/${sums}`]))
    expect(new Set(mirror.requests.map(({ from }) => from))).toEqual(new Set([lab.address('s2')]))
  })

  it('come from a folder without the machine fetching anything, images too', async () => {
    await off('s2')
    const site = await siteOf(lab, { servers: ['s3'] })
    const [release, listed] = await Promise.all([download(lab, tarball), download(lab, sums)])
    // The lab’s own source is down, and a machine reaches nothing else: what it gets comes over SSH.
    await faults({ [version]: 'status:503' })
    await site.write({ servers: ['s3'], spec: { artifact_url: undefined, artifact_path: './releases' } })
    const before = await hostPrint(lab, 's3')
    const empty = await site.slipway('apply', '-f', site.file, '--yes')
    expect(empty.code).toBe(5)
    expect(empty.stderr).toContain(`there is no ${join(site.home, 'releases', tarball)}`)
    expect(empty.stderr).toContain('artifact_path')
    expect(await hostPrint(lab, 's3')).toBe(before)

    const folder = join(site.home, 'releases', version)
    await mkdir(folder, { recursive: true })
    const images = Buffer.from('images of the release')
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', images)).toString('hex')
    await writeFile(join(folder, tarball), release)
    await writeFile(join(folder, 'rke2-images.linux-amd64.tar.zst'), images)
    await writeFile(
      join(folder, sums),
      `${new TextDecoder().decode(listed)}${digest}  rke2-images.linux-amd64.tar.zst\n`,
    )
    await site.done('apply', '-f', site.file, '--yes')
    expect(await activeNodes(site)).toEqual([`s3 active ${version}`])
    expect(await lab.read('s3', 'cat /var/lib/rancher/rke2/agent/images/rke2-images.linux-amd64.tar.zst')).toBe(
      'images of the release',
    )
  })

  it('are brought by a user with sudo and a password; no secret is shown, or stored in the clear', async () => {
    await off('s3')
    const password = (await readFile(lab.description.sudo_password_file, 'utf8')).trim()
    const ssh = {
      user: lab.description.sudo_user,
      key_file: lab.keyFile,
      sudo_password_file: lab.description.sudo_password_file,
    }
    const configs = { 'registry.example': { auth_file: './login' } }
    const secret_files = { 'etcd-s3-access-key': './s3-access', 'etcd-s3-secret-key': './s3-secret' }
    const spec = { ssh, token_file: './token', registries: { configs }, secret_files }
    const site = await siteOf(lab, { servers: ['s4'], spec })
    const [token, login, access, secret] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]
    await writeFile(join(site.home, 'token'), `${token}\n`)
    await writeFile(join(site.home, 'login'), `username: puller\npassword: ${login}\n`)
    await writeFile(join(site.home, 's3-access'), `${access}\n`)
    await writeFile(join(site.home, 's3-secret'), `${secret}\n`)
    const planned = await site.done('plan', '-f', site.file, '-o', 'json')
    const secrets = [token, login, access, secret]
    const watched = secrets.map(watchArguments)
    const { code, stdout, stderr } = await site.slipway('apply', '-f', site.file, '--yes')
    expect(watched.flatMap(watch => watch.stop())).toEqual([])
    expect(code, stderr).toBe(0)
    expect(await activeNodes(site)).toEqual([`s4 active ${version}`])
    expect(await lab.read('s4', 'stat -c %U /etc/rancher/rke2/config.yaml /usr/local/bin/rke2')).toBe('root\nroot')
    expect(await lab.read('s4', 'cat /etc/rancher/rke2/registries.yaml /etc/rancher/rke2/config.yaml')).toMatch(
      new RegExp(`${login}[^]*${token}`),
    )
    const config = await lab.read('s4', 'cat /etc/rancher/rke2/config.yaml')
    for (const line of [`etcd-s3-access-key: "${access}"`, `etcd-s3-secret-key: "${secret}"`])
      expect(config.split('\n')).toContain(line)

    const [run] = z.array(z.object({ id: z.string() })).parse(JSON.parse(await site.done('runs', 'demo', '-o', 'json')))
    const [, firstLine = ''] = (await readFile(lab.keyFile, 'utf8')).split('\n')
    const stored = await storedText(site.home)
    expect(stored).toContain('registry.example')
    expect(stored.split('\n').filter(row => row.includes('config-secret'))).toHaveLength(2)
    const logs = await site.done('logs', run?.id ?? '')
    const [status, again] = await Promise.all([
      site.done('status', 'demo', '-o', 'yaml'),
      site.done('plan', '-f', site.file, '-o', 'json'),
    ])
    expect(status).toContain('etcd-s3-secret-key: ./s3-secret')
    const told = { stdout, stderr, logs, stored, planned, status, again }
    for (const [where, text] of Object.entries(told))
      for (const hidden of [...secrets, password, firstLine]) expect(text.includes(hidden), where).toBe(false)
  })

  it('reach machines over IPv6', async () => {
    await off('s4')
    const address6 = lab.description.hosts.find(({ name }) => name === 's5')?.address6 ?? ''
    const node = {
      hostname: 's5',
      internal_ip: lab.address('s5'),
      external_ip: address6,
      use_external_ip: true,
      role: 'initial_master',
      // Services have IPv4 addresses first, so the API is told to others at one as well.
      node_vars: { 'advertise-address': lab.address('s5') },
    }
    const site = await siteOf(lab, { servers: ['s5'], spec: { nodes: [node] } })
    // Over IPv4 nobody gets in.
    await lab.read('s5', `echo 'ListenAddress ${address6}' > /etc/ssh/sshd_config.d/six.conf; systemctl restart ssh`)
    const { code, stderr } = await site.slipway('apply', '-f', site.file, '--yes')
    expect(code, stderr).toBe(0)
    expect(await activeNodes(site)).toEqual([`s5 active ${version}`])
    expect(await site.done('kubeconfig', 'demo')).toContain('server: https://')
  })
})

describe('a machine behind a jump host', () => {
  let lab: InstallLab
  beforeAll(async () => {
    lab = await labUp(`test-sources-jump-${process.pid}`, ['inner'], { behindJump: true })
  })
  afterAll(() => lab?.down())

  it('is installed through it, and its API is asked through it', async () => {
    const { jump } = lab.description
    const site = await siteOf(lab, {
      servers: ['inner'],
      spec: {
        ssh: {
          user: 'root',
          key_file: lab.keyFile,
          jump: [{ host: jump?.address, user: 'root', key_file: lab.keyFile }],
        },
      },
    })
    await site.done('apply', '-f', site.file, '--yes')
    expect(await activeNodes(site)).toEqual([`inner active ${version}`])
    expect(await site.done('kubeconfig', 'demo')).toContain(`server: https://${lab.address('inner')}:6443`)
    // The API is reached through the SSH connection of the server.
    expect(await site.done('uncordon', 'demo', 'inner')).toBe('demo: nothing to do\n')
    // The jump host passes on and keeps nothing.
    expect(await lab.read('inner', 'rke2 --version')).toContain(version)
  })
})
