import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { execa } from 'execa'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { labFolder } from '../../lab/places.ts'
import { labCommand } from '../lab/harness.ts'
import { Workspace } from '../lab/tofu.ts'
import { type CloudDesk, openCloudDesk, writeProgram } from '../machines/cloudDesk.ts'
import { until } from '../until.ts'

/** docs/machines.md, word by word, but for what prepares the host of libvirt: that is the lab's. */

const page = readFileSync(resolve(import.meta.dirname, '../../docs/machines.md'), 'utf8')
const section = (title: string) => new RegExp(`## ${title}\n([\\s\\S]*?)\n## `).exec(page)?.[1] ?? ''
const blocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, lines = '']) => lines)

let site: CloudDesk
let own: string
beforeAll(async () => {
  own = mkdtempSync(join(tmpdir(), 'slipway-page-'))
  for (const [, path = '', text = ''] of section('Your own provider').matchAll(
    /^`(providers\/[^`]+)`:\n\n```\w+\n([\s\S]*?)```/gm,
  )) {
    mkdirSync(dirname(join(own, path)), { recursive: true })
    writeFileSync(join(own, path), text)
  }
  site = await openCloudDesk('page', { SLIPWAY_PROVIDERS: join(own, 'providers') })
  const { folder } = site.desk
  symlinkSync(join(own, 'providers'), join(folder, 'providers'))
  mkdirSync(join(folder, '.ssh'), { mode: 0o700 })
  copyFileSync(site.key, join(folder, '.ssh/id_ed25519'))
})
afterAll(async () => {
  const left = await site?.cloud.state()
  await site?.[Symbol.asyncDispose]()
  rmSync(own, { recursive: true, force: true })
  // At its end each walk has taken away what it has made.
  expect(left).toMatchObject({ domains: {}, volumes: {}, droplets: {}, tags: {} })
})

/** Types lines as somebody whose home folder is the desk. */
async function type(lines: string): Promise<string> {
  const { code, said, stdout } = await typed(lines)
  expect(code, said).toBe(0)
  return stdout
}

async function typed(
  lines: string,
): Promise<{ readonly code: number; readonly said: string; readonly stdout: string }> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const home = `export XDG_CACHE_HOME='${cache}' HOME="$PWD"; slipway="$1"; slipway() { command "$slipway" "$@"; }`
  const { code, stdout, stderr } = await site.desk.shell(`${home}; set -e\n${lines}`)
  return { code, said: stdout + stderr, stdout }
}

it.concurrent('libvirt from nothing', async () => {
  const walk = section('libvirt from nothing')
  const [, brought = '', one = '', several = ''] = blocks(walk, 'sh')
  const [volume = ''] = /vol-create-as default (\S+)/.exec(brought)?.slice(1) ?? []
  const pool = new Workspace(site.cloud, poolWith(volume))
  expect(await pool.apply()).toMatchObject({ exitCode: 0 })

  expect(await type(one)).toMatch(/^status +active/m)
  writeFileSync(join(site.desk.folder, 'machines.yaml'), blocks(walk, 'yaml').join(''))
  expect(await type(several)).toMatch(/^m1 +libvirt +active[^]*^w1 +libvirt +active/m)
  const { domains, volumes } = await site.cloud.state()
  const left = [...Object.values(domains), ...Object.values(volumes)].map(({ name }) => name)
  expect(left.filter(name => !name.startsWith('m2'))).toEqual([volume])
  pool.remove()
})

const poolWith = (volume: string) => `
terraform {
  required_providers {
    libvirt = {
      source  = "dmacvicar/libvirt"
      version = "~> 0.8"
    }
  }
}
provider "libvirt" {
  uri = "qemu:///system"
}
resource "libvirt_volume" "image" {
  name   = "${volume}"
  source = "${site.cloud.image}"
}
`

it.concurrent('DigitalOcean from nothing', async () => {
  writeFileSync(join(site.desk.folder, 'do-token'), `${site.cloud.token}\n`, { mode: 0o600 })
  const [shared = '', machines = '', end = ''] = blocks(section('DigitalOcean from nothing'), 'sh')
  expect(await type(shared)).toMatch(/^api_address +"\d/m)
  await type(machines.replace('m1 w1', 'd1 d2'))
  const { droplets, vpcs, firewalls } = await site.cloud.state()
  const [network] = Object.keys(vpcs).filter(id => vpcs[id]?.name === 'shop-net')
  const [firewall] = Object.values(firewalls)
  expect(Object.values(droplets)).toEqual(
    ['d1', 'd2'].map(() =>
      expect.objectContaining({ vpc_uuid: network, tags: expect.arrayContaining(firewall?.['tags'] as string[]) }),
    ),
  )
  await type(end.replace('m1 w1', 'd1 d2'))
  const left = await site.cloud.state()
  expect(left).toMatchObject({ droplets: {}, firewalls: {}, load_balancers: {}, keys: {} })
  expect(Object.values(left.vpcs).map(({ name }) => name)).not.toContain('shop-net')
})

it.concurrent('hosts you already have', async () => {
  const ssh_authorized_keys = [readFileSync(`${site.key}.pub`, 'utf8').trim()]
  const user = { name: 'ops', shell: '/bin/bash', sudo: 'ALL=(ALL) NOPASSWD:ALL', ssh_authorized_keys }
  const userData = `#cloud-config\n${JSON.stringify({ users: [user] })}`
  const [gateway, store] = await Promise.all(
    ['gateway', 'store'].map(hostname => site.lab.add(hostname, { hostname, userData })),
  )
  const here = (text: string) =>
    text.replaceAll('10.0.0.7', gateway?.address ?? '').replace('10.0.0.8', store?.address ?? '')
  const walk = section('Hosts you already have')
  const [one = '', several = ''] = blocks(walk, 'sh').map(here)
  expect(await type(one)).toMatch(/^gateway$/m)
  writeFileSync(join(site.desk.folder, 'hosts.yaml'), blocks(walk, 'yaml').map(here).join(''))
  expect(await type(several)).toMatch(/^gateway +existing +active[^]*^store +existing +active/m)
  expect(site.lab.hosts.map(({ name }) => name)).toEqual(expect.arrayContaining(['gateway', 'store']))
})

it.concurrent('your own provider', async () => {
  const command = [
    `lab() { '${labCommand}' "$1" '${site.lab.name}' "$2" $3; }`,
    'case $1 in',
    'make) data=$(mktemp); cat > $data; lab add $2 "--user-data $data" | jq -r .address; rm $data ;;',
    'remove) lab remove $2 ;;',
    'esac',
  ]
  writeProgram(join(labFolder(site.lab.name), 'programs/rackctl'), command.join('\n'))
  const [walk = ''] = blocks(section('Your own provider'), 'sh')
  const said = await type(walk)
  expect(said).toContain('+ create terraform_data.place')
  expect(said).toMatch(/^r1$/m)
  expect(site.lab.hosts.map(({ name }) => name)).not.toContain('r1')
})

const hasLease = async (): Promise<boolean> => {
  const { stdout } = await execa('virsh', ['-c', 'qemu:///system', 'domifaddr', 'm2', '--source', 'lease'], {
    env: site.desk.environment,
  })
  return /\d+\.\d+\.\d+\.\d+/.test(stdout)
}

it.concurrent('when something fails', async () => {
  writeFileSync(join(site.desk.folder, 'do-token'), `${site.cloud.token}\n`, { mode: 0o600 })
  writeFileSync(
    join(site.desk.folder, 'failing.yaml'),
    `apiVersion: slipway/v1
kind: Machines
spec: { provider: libvirt, image: ${site.cloud.image}, ssh: { user: ops }, ready_timeout_s: 3, machines: [{ name: m2 }] }
`,
  )
  const faults = [
    () =>
      site.cloud.behave(
        { on: 'droplet.create', name: 'd3', status: 422 },
        { on: 'domain.lease', name: 'm2', delay: 6000, times: 1 },
      ),
    () => Promise.resolve(),
    async () => {
      for (const word of ['destroy', 'undefine'])
        await execa('virsh', ['-c', 'qemu:///system', word, 'm2'], { env: site.desk.environment })
    },
    async () => {
      const client = new Client({ connectionString: site.database })
      await client.connect()
      await client.query(`UPDATE machine_states SET sealed = 'rubbish' WHERE name = 'm2'`)
      await client.end()
    },
  ]
  const told = [
    ...section('When something fails').matchAll(/```sh\n([^]*?)```\n\n```text\n([^]*?)```[^]*?```sh\n([^]*?)```/g),
  ]
  expect(told).toHaveLength(faults.length)
  for (const [index, [, words = '', answer = '', remedy = '']] of told.entries()) {
    await faults[index]?.()
    const { said } = await typed(words.replace('machines.yaml', 'failing.yaml'))
    for (const line of answer.trimEnd().split('\n')) expect(said).toContain(line)
    // As if its network had been put right.
    if (index === 1) await until('m2 has a lease', hasLease)
    await type(remedy.replace('machines.yaml', 'failing.yaml'))
  }
})
