import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isRefused, withClusterApi } from '../../src/clusters/clusterApi.ts'
import { createObservations } from '../../src/engine/contract/observations.ts'
import { SlipwayError } from '../../src/domain/errors.ts'
import type { HostAccess } from '../../src/hosts/access.ts'
import { type LocalSshd, startSshd } from '../hosts/localSshd.ts'
import { openWorkbench, type Workbench } from '../hosts/workbench.ts'
import { type ControlPlane, startControlPlane } from '../kubernetes/controlPlane.ts'
import { clusterFileOf } from '../store/fixtures.ts'

/** The API of a cluster is reached straight, or through the SSH connection of a server; always the same API. */

let plane: ControlPlane
let sshd: LocalSshd
let silent: LocalSshd
let bench: Workbench
let hosts: HostAccess
beforeAll(async () => {
  ;[plane, sshd, silent] = await Promise.all([startControlPlane(), startSshd(), startSshd('127.0.0.3')])
  await silent.stop()
})
afterAll(() => Promise.all([plane?.[Symbol.asyncDispose](), sshd?.stop()]))
beforeEach(async () => {
  bench = await openWorkbench({ connectTimeout: 3 })
  hosts = await bench.open([silent.target('m1'), sshd.target('m2')])
})
afterEach(async () => {
  expect(await bench.close()).toBe(0)
})

const { signal } = new AbortController()
/** Where nobody listens; it must still prove to be the one of the certificate. */
const away = () =>
  plane.kubeconfig.replace(plane.url, `https://127.0.0.9:${plane.port}\n    tls-server-name: 127.0.0.1`)

function session(kubeconfig: string | null) {
  const forwards: string[] = []
  return {
    forwards,
    cluster: 'demo',
    secret: async () => kubeconfig,
    hosts: async (): Promise<HostAccess> => ({
      ...hosts,
      forward: (hostname, ...rest) => {
        forwards.push(hostname)
        return hosts.forward(hostname, ...rest)
      },
    }),
    desired: async () =>
      clusterFileOf('demo', [
        { hostname: 'w1', internal_ip: '10.0.0.21', role: 'worker' },
        { hostname: 'm1', internal_ip: '10.0.0.11', role: 'initial_master' },
        { hostname: 'm2', internal_ip: '10.0.0.12', role: 'master' },
      ]),
    read: createObservations().read,
  }
}
const version = (of: ReturnType<typeof session>) =>
  withClusterApi(of, signal, client => client.version({ signal, deadline: 5000 }))

it('is asked straight where it answers', async () => {
  const straight = session(plane.kubeconfig)
  expect(await version(straight)).toMatch(/^v1/)
  expect(straight.forwards).toEqual([])
})

it('is asked through the first server that can be reached, and the next time through that one at once', async () => {
  const behind = session(away())
  expect(await version(behind)).toMatch(/^v1/)
  expect(behind.forwards).toEqual(['m1', 'm2'])
  expect(await version(behind)).toMatch(/^v1/)
  expect(behind.forwards).toEqual(['m1', 'm2', 'm2'])
})

it('is asked again when the connection that led there was lost', async () => {
  const behind = session(away())
  await version(behind)
  await bench.connections.close()
  bench = await openWorkbench({ connectTimeout: 3 })
  hosts = await bench.open([sshd.target('m2')])
  expect(await version(behind)).toMatch(/^v1/)
})

it('where no way leads there, the address of the kubeconfig is what is told', async () => {
  hosts = await bench.open([silent.target('m1'), silent.target('m2')])
  await expect(version(session(away()))).rejects.toMatchObject({
    code: 'api-unreachable',
    message: expect.stringContaining('127.0.0.9'),
  })
})

/** As one that was revoked. */
const stranger = () =>
  plane.kubeconfig.replace(/client-certificate-data: .*/, '').replace(/client-key-data: .*/, 'token: nobody')

it('what the API itself refuses is told at once, and no other way is tried', async () => {
  const refused = session(stranger())
  await expect(withClusterApi(refused, signal, client => client.version({ signal }))).rejects.toMatchObject({
    code: expect.stringMatching(/^api-(unauthorized|forbidden)$/),
  })
  expect(refused.forwards).toEqual([])
})

describe('where the API takes the kubeconfig on record no more', () => {
  /** What the servers give; null: nobody logs in to them. */
  function revoked(given: Readonly<Record<string, string>> | null, onRecord = stranger()) {
    const asked: string[] = []
    return {
      ...session(onRecord),
      asked,
      async freshKubeconfig(hostname: string) {
        asked.push(hostname)
        const found = given?.[hostname]
        if (given && found === undefined) throw new SlipwayError('host-unreachable', `${hostname} is off`)
        return found ?? null
      },
    }
  }

  it('the one that a server has is gone by from then on, and the record is known to be behind', async () => {
    const of = revoked({ m2: plane.kubeconfig })
    expect(await isRefused(of, signal)).toBe(true)
    expect(of.asked).toEqual(['m1', 'm2'])
    expect(await version(of)).toMatch(/^v1/)
    expect(of.asked).toEqual(['m1', 'm2'])
    expect(await isRefused(revoked({}, plane.kubeconfig), signal)).toBe(false)
  })

  it('it is refused as before where no server gives one, and what each of them said is told', async () => {
    await expect(version(revoked({}))).rejects.toMatchObject({
      code: 'api-unauthorized',
      remedy: expect.stringMatching(/m1 is off; host-unreachable: m2 is off/),
    })
    await expect(version(revoked({ m1: stranger() }))).rejects.toMatchObject({ code: 'api-unauthorized' })
    expect(await isRefused(revoked({}), signal)).toBe(true)
  })

  it('a cluster whose machines nobody logs in to is given one by hand', async () => {
    await expect(version(revoked(null))).rejects.toMatchObject({
      message: expect.stringMatching(/^the kubeconfig on record of demo: /),
      remedy: 'Give it a new one: slipway discover demo --kubeconfig FILE.',
    })
  })
})

it('a cluster that has no kubeconfig yet says so', async () => {
  await expect(version(session(null))).rejects.toMatchObject({ code: 'not-found', message: /has no kubeconfig yet/ })
})
