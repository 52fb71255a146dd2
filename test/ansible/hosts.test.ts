import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { registriesEntries, registriesText } from '../../src/distributions/rke2/files/hostFiles.ts'
import { renderConfigText } from '../../src/distributions/rke2/files/configEntries.ts'
import { until } from '../until.ts'
import { errorsOf, openSite, outcomesOf, type Site, wantedConfig } from './site.ts'
import { renderForStage } from '../../src/distributions/rke2/inventory.fixture.ts'

let site: Site

beforeAll(async () => {
  site = await openSite('ansible-hosts', ['initial_master', 'master', 'master'])
})
afterAll(() => site[Symbol.asyncDispose]())
beforeEach(async () => {
  for (const { hostname } of site.nodes)
    await site.read(
      hostname,
      `systemctl disable --now rke2-server; rm -rf /usr/local/bin/* /usr/local/lib/systemd /etc/systemd/system/rke2* \
       /var/lib/slipway /var/lib/rancher /etc/rancher /etc/default/rke2-* /usr/bin/rke2; systemctl daemon-reload;
       systemctl reset-failed; journalctl --rotate; journalctl --vacuum-time=1s`,
    )
})

const install = (variables = {}, more = {}) =>
  site.play('install_initial_master.yml', 'initial_master', variables, more)
const service = (verb: string) =>
  site.printed('h1', `systemctl ${verb} rke2-server 2>&1; systemctl is-active rke2-server`)
const ready = 'systemctl is-active rke2-server && ! test -e /var/lib/slipway/bootstrap-permit'
const isReady = () =>
  until('h1 runs and has spent its permit', async () => (await site.lab.exec('h1', ready)).exitCode === 0, 20_000)

test('the first server gets exactly the bytes that were meant, starts, and spends its permit', async () => {
  const dry = await install({}, { check: true })
  expect(errorsOf(dry)).toEqual([null])
  expect(outcomesOf(dry, 'h1')).toEqual(['changed', 'changed', 'changed'])
  expect(await site.printed('h1', 'ls /etc/rancher /var/lib/slipway')).toBe('')

  expect(outcomesOf(await install(), 'h1')).toEqual(['changed', 'changed', 'changed'])
  await isReady()
  const config = renderConfigText(wantedConfig(site, 'h1'))
  expect(`${await site.read('h1', 'cat /etc/rancher/rke2/config.yaml')}\n`).toBe(config)
  expect(await site.read('h1', 'stat -c "%a %U" /etc/rancher/rke2/config.yaml; ls /etc/rancher/rke2')).toBe(
    '600 root\nconfig.yaml',
  )
  expect(await site.read('h1', 'systemctl is-enabled rke2-server')).toBe('enabled')
  const spread =
    'journalctl -o cat | grep -e server-token -e Invoked; grep -rl server-token /tmp /var/tmp /root /var/lib /run /etc'
  expect(await site.printed('h1', spread)).toBe('/etc/rancher/rke2/config.yaml')
})

test('what is installed is left as it is, and a dry run says the same', async () => {
  await install()
  await isReady()
  await site.read('h1', 'mkdir -p /var/lib/rancher/rke2/server/db/etcd/member/wal')
  const started = await site.read('h1', 'systemctl show -p ActiveEnterTimestampMonotonic rke2-server')
  expect(outcomesOf(await install({}, { check: true }), 'h1')).toEqual(['ok', 'ok', 'ok'])
  expect(outcomesOf(await install(), 'h1')).toEqual(['ok', 'ok', 'ok'])
  expect(outcomesOf(await install({ rke2_prepared: true }), 'h1')).toEqual(['skipped', 'ok', 'ok'])
  expect(await site.read('h1', 'systemctl show -p ActiveEnterTimestampMonotonic rke2-server')).toBe(started)
  expect(outcomesOf(await install({ rke2_restart: true }), 'h1')).toEqual(['ok', 'ok', 'ok'])
})

test('a first server whose data is gone does not found another cluster', async () => {
  await install()
  await isReady()
  expect(await service('restart')).toMatch(/Job for rke2-server.service failed[\s\S]*(activating|failed)$/)
  expect(await site.read('h1', 'journalctl -u rke2-server -o cat')).toContain(
    'slipway: refused to start rke2-server: /var/lib/rancher/rke2 holds no etcd member',
  )
  await site.read('h1', 'systemctl stop rke2-server; mkdir -p /var/lib/rancher/rke2/server/db/etcd/member/wal')
  expect(await service('start')).toContain('failed')
  await site.read('h1', 'systemctl stop rke2-server; touch /var/lib/rancher/rke2/server/db/etcd/member/wal/0.wal')
  expect(await service('start')).toBe('active')
})

test('a finished first server starts again on an empty disk, because it then joins', async () => {
  await install()
  await isReady()
  const started = await site.read('h1', 'systemctl show -p ActiveEnterTimestampMonotonic rke2-server')
  const finished = await site.play(
    'finish_initial_master.yml',
    'initial_master',
    { rke2_bootstrap: false },
    {
      variables: site.variables({ rke2_bootstrap: false }, { h1: 'https://10.0.0.9:9345' }),
    },
  )
  expect(outcomesOf(finished, 'h1')).toEqual(['changed'])
  expect(await site.read('h1', 'systemctl show -p ActiveEnterTimestampMonotonic rke2-server')).toBe(started)
  expect(await service('restart')).toBe('active')
})

test('a foreign permit, an empty server and a commented one do not open the guard', async () => {
  const guard = (setup: string) =>
    site.read(
      'h1',
      `rm -rf /tmp/g; mkdir -p /tmp/g/config.yaml.d; cd /tmp/g; ${setup}; \
       SLIPWAY_CONFIG_DIR=/tmp/g SLIPWAY_PERMIT=/tmp/g/permit sh /var/lib/slipway/bootstrap-guard /tmp/g/data 2>/dev/null && echo open || echo shut`,
    )
  await install()
  expect(await guard('true')).toBe('shut')
  expect(await guard('touch permit')).toBe('shut')
  expect(await guard('echo "# server: https://x:9345" > config.yaml')).toBe('shut')
  expect(await guard(`echo 'server: ""' > config.yaml`)).toBe('shut')
  expect(await guard('echo "tls-san: [server]" > config.yaml')).toBe('shut')
  expect(await guard('echo demo 1 > permit')).toBe('open')
  expect(await guard(`echo 'server: "https://x:9345"' > config.yaml`)).toBe('open')
})

test('the guard refuses what would lead RKE2 past the configuration that Slipway wrote', async () => {
  const guard = (setup: string, environment = '', unit = '') =>
    site.read(
      'h1',
      `rm -rf /tmp/g; mkdir -p /tmp/g/config.yaml.d; cd /tmp/g; echo demo 1 > permit; ${setup}; \
       env ${environment} SLIPWAY_CONFIG_DIR=/tmp/g SLIPWAY_PERMIT=/tmp/g/permit \
       sh /var/lib/slipway/bootstrap-guard /tmp/g/data ${unit} 2>said && echo open || sed 's/^slipway: refused to start [^:]*: //' said`,
    )
  await install()
  const member = 'mkdir -p data/server/db/etcd/member/wal; touch data/server/db/etcd/member/wal/0.wal'
  const names = 'names a server or a data folder, which counts instead of what Slipway has written'
  for (const line of ['server: https://x:9345', 'server: ""', '"s": x', '{debug: true, server: x}', 'data-dir: /srv'])
    for (const name of ['50.yaml', 'z.YML'])
      expect(await guard(`printf '%s\\n' '${line}' > config.yaml.d/${name}`), line).toContain(names)
  expect(await guard('echo "tls-san: [server]" > config.yaml.d/50.yaml')).toBe('open')
  expect(await guard('echo "server: x" > config.yaml.d/readme')).toBe('open')
  const isSet = (name: string) => `${name} is set in the environment of the service`
  for (const name of ['RKE2_CONFIG_FILE', 'RKE2_DATA_DIR', 'RKE2_URL', 'RKE2_TOKEN']) {
    expect(await guard('true', `${name}=https://user:canary@x`)).toContain(isSet(name))
    expect(await guard('true', `${name}=https://user:canary@x`)).not.toContain('canary')
    expect(await guard('true', `${name}=x`, 'agent')).toContain(isSet(name))
    expect(await guard('true', `${name}=`)).toBe('open')
  }
  // What it is told to join is nothing to a member; where its data are is.
  expect(await guard(member, 'RKE2_URL=https://x')).toBe('open')
  expect(await guard(member, 'RKE2_DATA_DIR=/srv')).toContain(isSet('RKE2_DATA_DIR'))
  expect(await guard('true', 'RKE2_CONFIG_FILE=/etc/rancher/rke2/config.yaml RKE2_DATA_DIR=/tmp/g/data')).toBe('open')
})

test('no service is started that systemd would start as something else', async () => {
  await install()
  await site.read('h1', 'systemctl stop rke2-server; systemctl reset-failed rke2-server || true')
  const place = '/etc/systemd/system/rke2-server.service.d/50-x.conf'
  const started = () => site.read('h1', 'systemctl show -P ExecMainStartTimestampMonotonic rke2-server')
  const before = await started()
  const refused = async (setup: string) => {
    await site.read('h1', setup)
    const [host] = (await install()).hosts
    await site.read('h1', `rm -f ${place} /etc/sysconfig/rke2-server; systemctl daemon-reload`)
    return `${host?.error?.code}: ${host?.error?.message}`
  }
  const dropIn = (line: string) => `printf '[Service]\n${line}\n' > ${place}`
  expect(await refused(dropIn('Environment=RKE2_CONFIG_FILE=/etc/other.yaml'))).toMatch(
    new RegExp(`^guard-refused: .*${place} sets RKE2_CONFIG_FILE for rke2-server`),
  )
  expect(await refused(dropIn('Environment="A=b" "RKE2_URL=https://10.9.9.9:9345"'))).toContain('sets RKE2_URL')
  expect(await refused('mkdir -p /etc/sysconfig; echo RKE2_TOKEN=x > /etc/sysconfig/rke2-server')).toContain(
    '/etc/sysconfig/rke2-server sets RKE2_TOKEN',
  )
  expect(await refused(dropIn('ExecStartPre='))).toContain("without Slipway's guard")
  expect(await refused(dropIn('ExecStart=\nExecStart=/usr/local/bin/rke2 server --config /etc/x'))).toContain(
    'something else than rke2 server',
  )
  expect(await refused(dropIn('User=nobody'))).toContain('changed in User')
  await site.read('h1', 'systemctl set-environment RKE2_URL=https://10.9.9.9:9345')
  expect(await refused('true')).toContain("systemd's own environment sets RKE2_URL")
  await site.read('h1', 'systemctl unset-environment RKE2_URL')
  expect(await started()).toBe(before)
  await site.read('h1', dropIn('LimitNOFILE=1000000'))
  expect((await install()).hosts.map(({ error }) => error)).toEqual([null])
  await site.read('h1', `rm ${place}; systemctl daemon-reload`)
})

test('joiners come one after the other; when one fails the later ones are not touched', async () => {
  await site.read('h2', 'touch /usr/bin/rke2')
  const stopped = await site.play('install_joining_masters.yml', 'joining_masters')
  expect(stopped.hosts.map(host => [host.host, host.outcome, host.error?.code])).toEqual([
    ['h2', 'failed', 'guard-refused'],
    ['h3', 'skipped', 'playbook-failed'],
  ])
  expect(await site.printed('h3', 'ls /usr/local/bin /etc/rancher')).toBe('/usr/local/bin:')
  await site.read('h2', 'rm /usr/bin/rke2')
  const joined = await site.play('install_joining_masters.yml', 'joining_masters')
  expect(errorsOf(joined)).toEqual([null, null])
  const order = joined.tasks.map(task => task.host)
  expect(order).toEqual(['h2', 'h2', 'h2', 'h3', 'h3', 'h3'])
  expect(await site.read('h2', 'systemctl is-active rke2-server')).toBe('active')
})

test('another user becomes root with a password, also over IPv6; a wrong password is told as such', async () => {
  const { sudo_user, sudo_password_file, hosts } = site.lab.describe()
  const nodes = site.nodes.slice(0, 1).map(node => ({
    ...node,
    external_ip: hosts[0]?.address6 ?? '',
    use_external_ip: true,
    ssh: { user: sudo_user },
  }))
  const inventory = renderForStage({ nodes }, 'all')
  const password = readFileSync(sudo_password_file, 'utf8').trim()
  const prepare = (secret?: string) =>
    site.play('prepare_nodes.yml', 'all', secret === undefined ? {} : { ansible_become_password: secret }, {
      inventory,
    })
  expect(errorsOf(await prepare())).toEqual(['authentication-failed'])
  const wrong = await prepare('not the password')
  expect(errorsOf(wrong)).toEqual(['authentication-failed'])
  expect(wrong.hosts[0]?.error?.message).toMatch(/Incorrect sudo password/)
  const right = await prepare(password)
  expect(right.hosts.map(host => host.outcome)).toEqual(['changed'])
  expect(await site.read('h1', 'stat -c %U /usr/local/bin/rke2')).toBe('root')

  await site.read('h1', 'rm -rf /usr/local/bin/* /var/lib/slipway')
  const folder = { rke2_artifact_url: '', rke2_artifact_path: site.releaseFolder, ansible_become_password: password }
  const brought = await site.play('prepare_nodes.yml', 'all', folder, { inventory })
  expect(errorsOf(brought)).toEqual([null])
  expect(await site.printed('h1', `stat -c %U /usr/local/bin/rke2; ls -A /root ~${sudo_user} | grep slipway`)).toBe(
    'root',
  )
})

test('registries and proxy settings are written, and removed again only where they are ours', async () => {
  const entries = registriesEntries({ mirrors: { 'docker.io': { endpoint: ['https://mirror.example.org'] } } })
  const registries = { rke2_registries: entries.map(({ key, value }) => ({ key, value })) }
  const proxy = { rke2_environment: [{ key: 'HTTPS_PROXY', value: 'http://proxy.example.org:3128' }] }
  await install({ ...registries, ...proxy })
  expect(`${await site.read('h1', 'cat /etc/rancher/rke2/registries.yaml')}\n`).toBe(registriesText(entries))
  expect(await site.read('h1', 'cat /etc/default/rke2-server')).toContain('HTTPS_PROXY="http://proxy.example.org:3128"')
  await site.read('h1', 'echo FOREIGN=1 > /etc/default/rke2-server')
  await install()
  expect(await site.read('h1', 'ls /etc/rancher/rke2; cat /etc/default/rke2-server')).toBe('config.yaml\nFOREIGN=1')
})

test('a node is removed only when it is named and its etcd member is gone', async () => {
  await install()
  await isReady()
  const remove = (variables: { rke2_remove_hosts: string[]; rke2_members_removed: string[] }) =>
    site.play('remove_node.yml', 'initial_master', variables)
  const unnamed = await remove({ rke2_remove_hosts: ['h10'], rke2_members_removed: ['h1'] })
  const member = await remove({ rke2_remove_hosts: ['h1'], rke2_members_removed: [] })
  for (const refused of [unnamed, member])
    expect(refused.hosts[0]?.error?.message).toContain('h1 was not named for removal, or its etcd member still exists')
  expect(await site.read('h1', 'systemctl is-active rke2-server')).toBe('active')
  expect(errorsOf(await remove({ rke2_remove_hosts: ['h1'], rke2_members_removed: ['h1'] }))).toEqual([null])
  expect(
    await site.printed('h1', 'systemctl is-active rke2-server; ls /usr/local/bin /etc/rancher /var/lib/slipway'),
  ).toBe('inactive\n/usr/local/bin:\n\n/var/lib/slipway:')
  expect(outcomesOf(await remove({ rke2_remove_hosts: ['h1'], rke2_members_removed: ['h1'] }), 'h1')).toEqual([
    'ok',
    'ok',
    'ok',
    'ok',
  ])
})

describe('a removal', () => {
  const named = { rke2_remove_hosts: ['h1'], rke2_members_removed: ['h1'] }
  const remove = () => site.play('remove_node.yml', 'initial_master', named)

  test('also takes away what lies below /opt/rke2, and what outlives the service', async () => {
    await site.read('h1', 'mount --bind /usr/local /usr/local')
    await install()
    await isReady()
    expect(errorsOf(await remove())).toEqual([null])
    const left = 'ls /opt/rke2/bin /etc/systemd/system | grep rke2; ip link | grep -o cali0; pgrep -x etcd'
    expect(await site.printed('h1', left)).toBe('')
    expect(await site.printed('h1', 'ls /opt | grep rke2')).toBe('')
    await site.read('h1', 'umount /usr/local')
  })

  test('that fails half-way says what is left, also when it is tried again, until somebody has removed that', async () => {
    await install()
    await isReady()
    await site.read('h1', 'mkdir -p /var/lib/rancher/rke2; mount -t tmpfs tmpfs /var/lib/rancher/rke2')
    const first = await remove()
    expect(errorsOf(first)).toEqual(['playbook-failed'])
    expect(first.hosts[0]?.error?.message).toContain('/usr/local/bin/rke2-uninstall.sh ended with 1')
    const again = await remove()
    expect(errorsOf(again)).toEqual(['playbook-failed'])
    expect(again.hosts[0]?.error?.message).toContain(
      'RKE2 is not removed: /var/lib/rancher/rke2 still there, and no rke2-uninstall.sh is on this host any more',
    )
    await site.read('h1', 'umount /var/lib/rancher/rke2; rmdir /var/lib/rancher/rke2')
    expect(errorsOf(await remove())).toEqual([null])
  })
})
