import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Workspace } from '../lab/tofu.ts'
import { type CloudDesk, openCloudDesk } from '../machines/cloudDesk.ts'

/** docs/machines.md, word by word, but for what prepares the host of libvirt: that is the lab's. */

const page = readFileSync(resolve(import.meta.dirname, '../../docs/machines.md'), 'utf8')
const section = (title: string) => new RegExp(`## ${title}\n([\\s\\S]*?)\n## `).exec(page)?.[1] ?? ''
const blocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, lines = '']) => lines)

let site: CloudDesk
beforeAll(async () => {
  site = await openCloudDesk('page')
  const { folder } = site.desk
  mkdirSync(join(folder, '.ssh'), { mode: 0o700 })
  copyFileSync(site.key, join(folder, '.ssh/id_ed25519'))
})
afterAll(() => site?.[Symbol.asyncDispose]())

/** Types lines as somebody whose home folder is the desk. */
async function type(lines: string): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const home = `export XDG_CACHE_HOME='${cache}' HOME="$PWD"; slipway="$1"; slipway() { command "$slipway" "$@"; }`
  const { code, stdout, stderr } = await site.desk.shell(`${home}; set -e\n${lines}`)
  expect({ code, said: stdout + stderr }).toMatchObject({ code: 0 })
  return stdout
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
  expect([domains, Object.values(volumes).map(({ name }) => name)]).toEqual([{}, [volume]])
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
  expect(left).toMatchObject({ droplets: {}, firewalls: {}, load_balancers: {}, keys: {}, tags: {} })
  expect(Object.values(left.vpcs).map(({ name }) => name)).not.toContain('shop-net')
})
