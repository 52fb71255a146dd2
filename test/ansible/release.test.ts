import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { sums, tarball } from './release.ts'
import { errorsOf, newerVersion, openSite, outcomesOf, type Site, version } from './site.ts'

let site: Site
const release = `/v1.34.1%2Brke2r1`

beforeAll(async () => {
  site = await openSite('ansible-release', ['initial_master', 'worker'])
})
afterAll(() => site[Symbol.asyncDispose]())
beforeEach(async () => {
  site.releases.fault = undefined
  site.releases.requests.length = 0
  for (const { hostname } of site.nodes)
    await site.read(
      hostname,
      `systemctl disable --now rke2-server rke2-agent; umount /usr/local /opt/rke2; rm -rf /usr/local/bin/* /usr/local/lib/systemd \
       /usr/local/share/rke2 /opt/rke2 /etc/systemd/system/rke2* /var/lib/slipway /var/lib/rancher /usr/bin/rke2`,
    )
})

const prepare = (variables = {}, more = {}) => site.play('prepare_nodes.yml', 'all', variables, more)
const installed = (host: string) =>
  site.printed(host, 'ls -A /usr/local/bin /usr/local/.slipway-staging; rke2 --version')

test('a release is verified, put in place once, and found in place afterwards, also by a dry run', async () => {
  const dry = await prepare({}, { check: true })
  expect(dry.hosts.map(host => host.outcome)).toEqual(['changed', 'changed'])
  expect(site.releases.requests).toEqual([])
  expect(await installed('h1')).toBe('/usr/local/bin:')

  expect((await prepare()).hosts.map(host => host.outcome)).toEqual(['changed', 'changed'])
  expect(site.releases.requests.toSorted()).toEqual(
    [`${release}/${tarball}`, `${release}/${tarball}`, `${release}/${sums}`, `${release}/${sums}`].toSorted(),
  )
  expect(await installed('h1')).toContain(`rke2 version ${version}`)
  expect(await installed('h1')).not.toContain('staging')

  site.releases.requests.length = 0
  expect((await prepare()).hosts.map(host => host.outcome)).toEqual(['ok', 'ok'])
  expect((await prepare({}, { check: true })).hosts.map(host => host.outcome)).toEqual(['ok', 'ok'])
  expect(site.releases.requests).toEqual([])
})

test('another version replaces the files; a file that was changed by hand is put right again', async () => {
  await prepare()
  expect((await prepare({ rke2_version: newerVersion })).hosts.map(host => host.outcome)).toEqual([
    'changed',
    'changed',
  ])
  expect(await installed('h1')).toContain(`rke2 version ${newerVersion}`)
  await site.read('h1', 'echo "#!/bin/sh" > /usr/local/bin/rke2')
  const again = await prepare({ rke2_version: newerVersion })
  expect(again.hosts.map(host => host.outcome)).toEqual(['changed', 'ok'])
  expect(await installed('h1')).toContain(`rke2 version ${newerVersion}`)
})

test('a tarball that does not match its checksum is refused and leaves nothing', async () => {
  site.releases.fault = (request, response) => {
    if (!request.url?.endsWith(tarball)) return false
    response.end('something else')
    return true
  }
  const result = await prepare()
  expect(errorsOf(result)).toEqual(['checksum-mismatch', 'checksum-mismatch'])
  expect(result.hosts[0]?.error?.message).toMatch(/rke2.linux-amd64.tar.gz has the sha256 [0-9a-f]{64}, but/)
  expect(await installed('h1')).toBe('/usr/local/bin:')
})

test('a version that the source does not have, or has under a wrong name, is missing', async () => {
  const missing = await prepare({ rke2_version: 'v1.99.0+rke2r1' })
  expect(errorsOf(missing)).toEqual(['release-missing', 'release-missing'])
  expect(missing.hosts[0]?.error?.message).toContain('v1.99.0%2Brke2r1/sha256sum-amd64.txt: HTTP 404')
  const misnamed = join(site.releaseFolder, 'v1.30.0+rke2r1')
  mkdirSync(misnamed)
  for (const name of [tarball, sums])
    writeFileSync(
      join(misnamed, name),
      await fetch(`${site.releases.url}${release}/${name}`).then(reply => reply.bytes()),
    )
  const wrong = await prepare({ rke2_version: 'v1.30.0+rke2r1' })
  rmSync(misnamed, { recursive: true })
  expect(errorsOf(wrong)).toEqual(['release-missing', 'release-missing'])
  expect(wrong.hosts[0]?.error?.message).toContain(`the tarball holds ${version}, not v1.30.0+rke2r1`)
  expect(await installed('h1')).toBe('/usr/local/bin:')
})

test('a source that fails for a moment or breaks off is asked again; one that goes on failing is an error', async () => {
  let left = 3
  site.releases.fault = (request, response) => {
    left -= 1
    if (left < 0) return false
    if (request.url?.endsWith(sums)) response.writeHead(503).end()
    else response.writeHead(200, { 'content-length': '100000' }).write('part', () => response.destroy())
    return true
  }
  expect(errorsOf(await prepare())).toEqual([null, null])
  await site.read('h1', 'rm -rf /var/lib/slipway')
  site.releases.fault = (_request, response) => {
    response.writeHead(503).end()
    return true
  }
  const down = await prepare()
  expect(errorsOf(down)).toEqual(['release-unreachable', null])
  expect(down.hosts[0]?.error?.message).toContain('HTTP 503')
})

test('from a folder (air gap) the host gets what it lacks, images too, and asks no server', async () => {
  const folder = { rke2_artifact_url: '', rke2_artifact_path: site.releaseFolder }
  expect((await prepare(folder, { check: true })).hosts.map(host => host.outcome)).toEqual(['changed', 'changed'])
  // The folder for uploads may be a link, or a file system of its own with what somebody has left there.
  const uploads = '/var/lib/slipway/uploads'
  await site.read('h1', `mkdir -p /var/lib/slipway /srv/mine; touch /srv/mine/kept; ln -s /srv/mine ${uploads}`)
  await site.read('h2', `mkdir -p ${uploads}; mount -t tmpfs tmpfs ${uploads}; touch ${uploads}/left`)
  expect((await prepare(folder)).hosts.map(host => host.outcome)).toEqual(['changed', 'changed'])
  expect(await site.read('h1', `ls -A /srv/mine; test ! -e ${uploads}`)).toBe('kept')
  expect(await site.read('h2', `ls -A ${uploads}; umount ${uploads}`)).toBe('')
  expect(await installed('h1')).toContain(`rke2 version ${version}`)
  const images = 'cat /var/lib/rancher/rke2/agent/images/rke2-images.linux-amd64.tar.gz; ls -A ~ | grep slipway'
  expect(await site.printed('h1', images)).toBe(`images of ${version}`)
  expect((await prepare(folder)).hosts.map(host => host.outcome)).toEqual(['ok', 'ok'])
  expect(site.releases.requests).toEqual([])
  const empty = await prepare({ ...folder, rke2_artifact_path: '/dev/shm/slipway-none' })
  expect(errorsOf(empty)).toEqual(['release-missing', 'release-missing'])
  expect(empty.hosts[0]?.error?.message).toContain('/dev/shm/slipway-none cannot be read')
})

test('from a folder, what breaks off at its images is not taken for installed, and is brought whole on the next try', async () => {
  const folder = { rke2_artifact_url: '', rke2_artifact_path: site.releaseFolder }
  await site.read('h1', 'mkdir -p /var/lib/rancher; touch /var/lib/rancher/rke2')
  const broken = await prepare(folder)
  expect(errorsOf(broken)).toEqual(['playbook-failed', null])
  expect(broken.hosts[0]?.error?.message).toContain('/var/lib/rancher/rke2')
  expect(await installed('h1')).toBe('/usr/local/bin:')
  await site.read('h1', 'rm /var/lib/rancher/rke2; touch /var/lib/slipway/uploads')
  expect(errorsOf(await prepare(folder))).toEqual([null, null])
  expect(await installed('h1')).toContain(`rke2 version ${version}`)
  expect(await site.read('h1', 'ls /var/lib/rancher/rke2/agent/images')).toBe('rke2-images.linux-amd64.tar.gz')
  await site.read('h1', 'rm /var/lib/rancher/rke2/agent/images/*')
  expect((await prepare(folder)).hosts.map(host => host.outcome)).toEqual(['changed', 'ok'])
  expect(await site.read('h1', 'ls /var/lib/rancher/rke2/agent/images')).toBe('rke2-images.linux-amd64.tar.gz')
})

test('images that no sum vouches for are refused before anything is brought', async () => {
  const folder = { rke2_artifact_url: '', rke2_artifact_path: site.releaseFolder }
  const extra = join(site.releaseFolder, version, 'rke2-images-extra.linux-amd64.tar.zst')
  writeFileSync(extra, 'more images')
  const result = await prepare(folder)
  rmSync(extra)
  expect(errorsOf(result)).toEqual(['release-missing', 'release-missing'])
  expect(result.hosts[0]?.error?.message).toContain(
    'no sha256sum file of the folder lists rke2-images-extra.linux-amd64.tar.zst',
  )
  expect(await installed('h1')).toBe('/usr/local/bin:')
})

test('where /usr/local is a mount of its own, /opt/rke2 takes its place and systemd finds the units', async () => {
  await site.read('h1', 'mount --bind /usr/local /usr/local')
  const result = await prepare()
  expect(errorsOf(result)).toEqual([null, null])
  expect(result.tasks.find(task => task.host === 'h1' && task.outcome !== 'skipped')?.data).toEqual({
    prefix: '/opt/rke2',
  })
  expect(await site.read('h1', '/opt/rke2/bin/rke2 --version; ls /usr/local/bin')).toBe(
    `rke2 version ${version} (0000000)`,
  )
  expect(await site.read('h1', 'systemctl daemon-reload; systemctl cat rke2-server')).toContain(
    'ExecStart=/opt/rke2/bin/rke2',
  )
  // From the file that the release brings for its units.
  await site.read('h1', 'systemctl start rke2-server')
  expect(
    await site.read('h1', "tr '\\0' '\\n' < /proc/$(systemctl show -P MainPID rke2-server)/environ | grep ^HOME="),
  ).toBe('HOME=/root')
  expect((await prepare()).hosts.map(host => host.outcome)).toEqual(['ok', 'ok'])
})

test('a host with RKE2 from a package is left alone', async () => {
  await site.read('h1', 'touch /usr/bin/rke2')
  const result = await prepare()
  expect(errorsOf(result)).toEqual(['guard-refused', null])
  expect(result.hosts[0]?.error?.message).toContain('installed here from a package')
})

test('a full disk is named, and nothing is half installed; with room again it goes on', async () => {
  await site.lab.fill('h1')
  const full = await prepare()
  await site.lab.unfill('h1')
  expect(errorsOf(full)).toEqual(['playbook-failed', null])
  expect(full.hosts[0]?.error?.message).toContain('no space left on the file system of /usr/local (0 MiB free)')
  expect(await installed('h1')).toBe('/usr/local/bin:')
  expect(errorsOf(await prepare())).toEqual([null, null])
})

test('a file system that fills up during the unpacking is named with its free space', async () => {
  await site.read(
    'h1',
    'mount --bind /usr/local /usr/local; mkdir /opt/rke2; mount -t tmpfs -o size=4k tmpfs /opt/rke2',
  )
  const full = await prepare()
  expect(errorsOf(full)).toEqual(['playbook-failed', null])
  expect(full.hosts[0]?.error?.message).toMatch(
    /no space left on the file system of \/opt\/rke2 \(\d+ MiB free\); nothing was installed/,
  )
  expect(await site.printed('h1', 'ls -A /opt/rke2 /var/lib/slipway/release.json')).toBe('/opt/rke2:')
})

test('a host that loses its power in the middle of a download takes the release on the next try', async () => {
  const stopped = Promise.withResolvers<void>()
  const { address } = site.lab.host('h1')
  site.releases.fault = (request, response) => {
    if (!request.url?.endsWith(tarball) || request.socket.remoteAddress !== address) return false
    response.writeHead(200, { 'content-length': '100000' }).write('part', () => stopped.resolve())
    return true
  }
  const cut = stopped.promise.then(() => site.lab.kill('h1'))
  const stop = new AbortController()
  const running = prepare({}, { signal: stop.signal })
  await cut
  // Whoever notices first: this, or Ansible that the host is gone.
  stop.abort(new Error('enough'))
  await running.catch(() => {})
  site.releases.fault = undefined
  await site.lab.boot('h1')
  expect(await site.printed('h1', 'ls -A /usr/local | grep slipway')).toBe('.slipway-staging')
  expect(errorsOf(await prepare())).toEqual([null, null])
  expect(await installed('h1')).toContain(`rke2 version ${version}`)
  expect(await site.printed('h1', 'ls -A /usr/local | grep slipway')).toBe('')
})

test('a proxy is used for the download, except for what it is not for', async () => {
  const address = site.releases.url
  const through = (exceptions: string) => [
    { key: 'HTTP_PROXY', value: address },
    { key: 'NO_PROXY', value: exceptions },
  ]
  const away = { rke2_artifact_url: 'http://releases.example.org' }
  const result = await prepare({ ...away, rke2_environment: through('localhost') })
  // The server of the test is the proxy: it is asked with the whole URL, which it does not know.
  expect(site.releases.requests[0]).toBe(`http://releases.example.org${release}/${sums}`)
  expect(errorsOf(result)).toEqual(['release-missing', 'release-missing'])
  site.releases.requests.length = 0
  const host = new URL(address).hostname
  expect(errorsOf(await prepare({ rke2_environment: through(host) }))).toEqual([null, null])
  expect(site.releases.requests).toContain(`${release}/${sums}`)
})

test('a task outcome is told for every host', async () => {
  const result = await prepare()
  expect([outcomesOf(result, 'h1'), outcomesOf(result, 'h2')]).toEqual([
    ['skipped', 'skipped', 'changed', 'skipped'],
    ['skipped', 'skipped', 'changed', 'skipped'],
  ])
})
