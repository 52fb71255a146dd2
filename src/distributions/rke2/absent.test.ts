import { describe, expect, it } from 'vitest'
import { type ErrorCode, SlipwayError } from '../../domain/errors.ts'
import { acceptedPart } from '../../engine/plan/leaveOut.ts'
import { bindStage } from '../../engine/contract/stage.ts'
import { unreachable } from './absent.ts'
import type { ObservedHost } from './observedHost.ts'
import { machineFacts } from './machineFacts.fixture.ts'
import { argumentsOfStage, stageBench } from './stageBench.fixture.ts'
import { join } from './stages/join.ts'
import { workers } from './stages/workers.ts'

const off = (
  hostname: string,
  role: ObservedHost['node']['role'],
  code: ErrorCode = 'host-unreachable',
): ObservedHost => ({
  node: { hostname, internal_ip: '10.0.0.9', role },
  facts: null,
  error: new SlipwayError(code, `${hostname} is off`, { remedy: 'Turn it on.' }),
})
const made = {
  state: 'done' as const,
  machine_id: 'm',
  joiner_started: true,
  ca_hash: 'c'.repeat(64),
  etcd_cluster: null,
}
const unmade = { state: 'unused' as const, machine_id: null, joiner_started: false, ca_hash: null, etcd_cluster: null }

describe('a machine that cannot be reached', () => {
  it.each(['host-unreachable', 'authentication-failed', 'stage-timeout', 'host-reply-invalid'] as const)(
    'is told with the word that leaves it out (%s)',
    code => {
      expect(unreachable({ nodes: [off('w4', 'worker', code)], bootstrap: made }, { accepted: [] })).toEqual([
        {
          name: code,
          severity: 'error',
          about: 'node w4',
          message: 'w4 is off',
          remedy: 'Turn it on. To go on without it for now: --accept unreachable:w4.',
          hosts: ['w4'],
        },
      ])
    },
  )

  it.each([
    ['Turn it on', 'Turn it on. To go on without it for now: --accept unreachable:w4.'],
    ['Is it on?', 'Is it on? To go on without it for now: --accept unreachable:w4.'],
    ['Log in and try `sudo -v`', 'Log in and try `sudo -v`. To go on without it for now: --accept unreachable:w4.'],
  ])('is told so in whole sentences: %s', (remedy, told) => {
    const observation = {
      ...off('w4', 'worker'),
      facts: null,
      error: new SlipwayError('host-unreachable', 'off', { remedy }),
    }
    expect(unreachable({ nodes: [observation], bootstrap: made }, { accepted: [] })[0]?.remedy).toBe(told)
  })

  it('is told once how it is left out, by its own name, also where the catalogue says it of any', () => {
    const observation = {
      ...off('m2', 'master'),
      facts: null,
      error: new SlipwayError('host-unreachable', 'm2 is off'),
    }
    const remedy = unreachable({ nodes: [observation], bootstrap: made }, { accepted: [] })[0]?.remedy ?? ''
    expect(remedy.match(/--accept \S+/g)).toEqual(['--accept unreachable:m2.'])
    expect(remedy).not.toContain('A machine can be left out')
  })

  it('is told nothing of being left out where it cannot be, nor of any other by a word in capitals', () => {
    const error = new SlipwayError('host-unreachable', 'm1 is off', { facts: { host: 'm1' } })
    const observation = { ...off('m1', 'initial_master'), facts: null, error }
    const remedy = unreachable({ nodes: [observation], bootstrap: unmade }, { accepted: [] })[0]?.remedy ?? ''
    expect(remedy).not.toMatch(/left out|--accept|HOST/)
    expect(remedy).toContain('sshd on the host')
  })

  it('may be left out where that was accepted of this machine', () => {
    const nodes = [off('w4', 'worker'), off('w40', 'worker')]
    const found = unreachable({ nodes, bootstrap: made }, { accepted: ['unreachable:w4'] })
    expect(found.map(({ accepted }) => accepted)).toEqual(['unreachable', undefined])
  })

  it('is not left out for showing another key: that may be another machine', () => {
    const nodes = [off('w4', 'worker', 'host-key-changed')]
    const [found] = unreachable({ nodes, bootstrap: made }, { accepted: ['unreachable:w4'] })
    expect(found).toMatchObject({ remedy: 'Turn it on.' })
    expect(found).not.toHaveProperty('accepted')
  })

  it('is not left out when it is the one that has to make the cluster', () => {
    const first = { nodes: [off('m1', 'initial_master')] }
    const accept = { accepted: ['unreachable:m1'] }
    expect(unreachable({ ...first, bootstrap: unmade }, accept)[0]).not.toHaveProperty('accepted')
    expect(unreachable({ ...first, bootstrap: made }, accept)[0]).toMatchObject({ accepted: 'unreachable' })
  })
})

const hostsOff = (...names: string[]) =>
  stageBench({
    observe: hostname => {
      if (names.includes(hostname)) throw new SlipwayError('host-unreachable', `${hostname} is off`)
      const ready = machineFacts({ hostname })
      return {
        ...ready,
        release: { ...ready.release, version: 'v1.34.1+rke2r1', complete: true, prefix: '/usr/local' },
      }
    },
  })
const accept = (...names: string[]) => names.map(name => `unreachable:${name}`)

describe('stages whose hosts are left out', () => {
  it('go on for the other agents of the batch', async () => {
    const stage = { ...argumentsOfStage('rke2/workers:w1', 1, 3), accepted: accept('w2') }
    const bench = hostsOff('w2')
    const { observation } = acceptedPart(await bindStage(workers(stage, bench.session)).observe(bench.attempt))
    const { decision } = observation
    expect(decision.kind === 'run' && decision.changes.map(({ target }) => target)).not.toContain('node/w2/config')
    expect(decision).toMatchObject({ left_out: [{ host: 'w2', reason: 'w2 is off' }] })
    expect(observation.unmet.map(({ name }) => name)).not.toContain('host-unreachable')
  })

  it('have nothing to do for a server that is off', async () => {
    const stage = { ...argumentsOfStage('rke2/join:m2', 3, 0), accepted: accept('m2') }
    const bench = hostsOff('m2')
    const { observation } = acceptedPart(await bindStage(join(stage, bench.session)).observe(bench.attempt))
    expect(observation.decision).toMatchObject({ kind: 'skip', absent: true })
  })
})
