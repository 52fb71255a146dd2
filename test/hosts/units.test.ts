import { rmSync, symlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ask, folder, place } from './probeFolder.ts'

describe('a service as it would be started', () => {
  const effective = (shown = '') =>
    ask(
      'slipway.rke2.effective',
      `effective("rke2-server", "/usr/local", ${JSON.stringify(shown)})`,
      `systemd.UNIT_FOLDERS = [${JSON.stringify(folder)} + name for name in ("/etc", "/run", "/local")]; systemd.MANAGER_FOLDERS = []`,
      `release_unit = lambda unit, prefix: ${JSON.stringify(folder)} + "/local/" + unit + ".service"`,
      `USUAL_FILES = ["-${folder}/default/%N", "-${folder}/usual.env"]`,
    )
  const told = (result: unknown) => {
    const { environment } = shape.parse(result)
    return environment.map(({ name, source }) => `${name} ${source.replace(folder, '')}`)
  }
  const shape = z.object({
    mask: z.string().nullable(),
    shadow: z.string().nullable(),
    environment: z.array(z.object({ name: z.string(), source: z.string() })),
  })

  const withValues = z.object({ environment: z.array(z.object({ name: z.string(), value: z.string() })) })

  it('takes variables in systemd’s order: its own, then settings, then files', () => {
    place('etc/rke2-server.service.d/x.conf', '[Service]\nEnvironment=RKE2_URL=a RKE2_TOKEN=b\nUnsetEnvironment=GONE\n')
    place('default/rke2-server', 'RKE2_TOKEN=c\n')
    expect(told(effective('RKE2_URL=systemd\nGONE=1\nHTTP_PROXY=p'))).toEqual([
      'HTTP_PROXY systemd',
      'RKE2_TOKEN /default/rke2-server',
      'RKE2_URL /etc/rke2-server.service.d/x.conf',
    ])
  })

  it('has what a later file takes back no more, and empty variables not at all', () => {
    place('run/rke2-server.service.d/10-a.conf', '[Service]\nEnvironment=RKE2_URL=a\nEnvironmentFile=-/nowhere\n')
    place('etc/service.d/20-b.conf', '[Service]\nEnvironment=\nEnvironment="RKE2_TOKEN="\nEnvironmentFile=\n')
    place('default/rke2-server', 'RKE2_NODE_NAME=x\n')
    expect(told(effective())).toEqual([])
  })

  it('has of two drop-ins of one name the one of the more special folder, of the higher place', () => {
    place('etc/service.d/x.conf', '[Service]\nEnvironment=A=1\n')
    place('run/rke2-.service.d/x.conf', '[Service]\nEnvironment=B=1\n')
    expect(told(effective())).toEqual(['B /run/rke2-.service.d/x.conf'])
    place('etc/rke2-server.service.d/x.conf', '[Service]\nEnvironment=C=1\n')
    expect(told(effective())).toEqual(['C /etc/rke2-server.service.d/x.conf'])
    // An empty one hides the others.
    place('etc/rke2-server.service.d/x.conf')
    expect(told(effective())).toEqual([])
  })

  it.each([
    ['http://bob:hunter2@proxy:3128', '***@proxy:3128'],
    ['bob:hunter2@proxy:3128', '***@proxy:3128'],
    ['http://bob:hun@ter2@proxy', '***@proxy'],
    ['http://bob:hun/ter2@proxy/', '***@proxy/'],
    ['http://hunter2@proxy', '***@proxy'],
    ['http://proxy:3128', 'http://proxy:3128'],
    ['10.0.0.0/8,.example.org', '10.0.0.0/8,.example.org'],
  ])('tells of a proxy what is not its login: %s', (value, shown) => {
    place('etc/rke2-server.service.d/x.conf', `[Service]\nEnvironment="HTTP_PROXY=${value}"\n`)
    place('default/rke2-server', `https_proxy=${value}\n`)
    const { environment } = withValues.parse(effective(`all_proxy=${value}`))
    expect(environment.map(one => `${one.name} ${one.value}`)).toEqual(
      ['HTTP_PROXY', 'all_proxy', 'https_proxy'].map(name => `${name} ${shown}`),
    )
  })

  it('may be masked, or be another one', () => {
    place('local/rke2-server.service', '[Service]\nExecStart=/usr/local/bin/rke2 server\n')
    expect(effective()).toMatchObject({ mask: null, shadow: null })
    const other = place('run/rke2-server.service', '[Service]\nExecStart=/opt/other\n')
    expect(effective()).toMatchObject({ mask: null, shadow: other })
    rmSync(other)
    symlinkSync('/dev/null', other)
    expect(effective()).toMatchObject({ mask: other, shadow: null })
  })
})
