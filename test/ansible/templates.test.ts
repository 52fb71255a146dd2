import fc from 'fast-check'
import { expect, test } from 'vitest'
import { environmentText, registriesText } from '../../src/distributions/rke2/files/hostFiles.ts'
import { playHosts } from '../../src/ansible/playbook.ts'
import {
  type ConfigEntry,
  renderConfigEntries,
  renderConfigText,
} from '../../src/distributions/rke2/files/configEntries.ts'
import { localInventory, localPlays } from './local.ts'
import type { Json } from '../../src/contract/json.ts'
import { runPlaybook } from './runPlaybook.ts'

const texts = fc.oneof(
  fc.constantFrom(
    '{{ 7 * 7 }}',
    '{% if %}',
    '{# x #}',
    "['a']",
    '{"a": 1}',
    'True',
    '10',
    '1e3',
    '',
    '\n',
    'é日本😀',
    '\u2028',
    '\u0085',
    '"',
    "'",
    '\\n',
    '#',
    ': ',
    '- ',
    '</x>',
  ),
  fc.string({ unit: 'binary', maxLength: 10 }).filter(text => text.isWellFormed()),
)
const scalar = fc.oneof(
  { weight: 3, arbitrary: texts },
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(1e-7, 1e21, 1e15, 9007199254740991, 0.1, -0.5, -0),
)
const keys = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}\+?$/)
const extras = fc.dictionary(keys, fc.oneof(scalar, fc.array(scalar, { maxLength: 4 })), {
  maxKeys: 5,
  noNullPrototype: true,
})
const roles = fc.constantFrom('initial_master', 'joining_master', 'worker')
const environments = fc.array(
  fc.record({
    key: fc.constantFrom('HTTP_PROXY', 'NO_PROXY'),
    value: fc.stringMatching(/^[A-Za-z0-9.:/%$@,_-]{1,12}$/),
  }),
  { maxLength: 2 },
)
const mirrors = fc.dictionary(texts, fc.array(texts, { maxLength: 2 }), { maxKeys: 2, noNullPrototype: true })

const cases = fc.record({ role: roles, extra: extras, secret: texts, environment: environments, mirrors }).map(one => {
  const node = {
    hostname: 'n',
    internal_ip: '10.0.0.1',
    role: one.role === 'joining_master' ? ('master' as const) : one.role,
  }
  const kind = ({ initial_master: 'initial', joining_master: 'joining', worker: 'worker' } as const)[one.role]
  const server = kind === 'initial' ? {} : { server: 'https://10.0.0.9:9345' }
  const cluster = { cluster_vars: { extra: one.extra } }
  const config = renderConfigEntries({ cluster, node, kind, token: one.secret, agentToken: one.secret, ...server })
  const registries: { key: string; value: Json }[] =
    Object.keys(one.mirrors).length === 0 ? [] : [{ key: 'mirrors', value: { ...one.mirrors } }]
  return { role: one.role, config, registries, environment: one.environment }
})

const asJson = (entries: readonly ConfigEntry[]): Json => entries.map(({ key, value }) => ({ key, value }))

test('the templates make exactly the bytes that the renderers make, whatever is in the variables', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(cases, { minLength: 60, maxLength: 60 }), async batch => {
      using local = localPlays()
      const hosts = Object.fromEntries(
        batch.map((one, index) => [
          `c${index}`,
          {
            node_role: one.role,
            rke2_bootstrap: one.role === 'initial_master',
            rke2_config: asJson(one.config),
            rke2_registries: one.registries,
            rke2_environment: one.environment,
          },
        ]),
      )
      await runPlaybook(local.play('render.yml', localInventory(hosts)))
      const rendered = new Map(
        [...local.log().matchAll(/ok: \[c(\d+)\] => \{\s+"msg": "rendered:(\S*):(\S*):(\S*):"/g)].map(match => [
          Number(match[1]),
          match.slice(2).map(text => Buffer.from(text, 'base64').toString()),
        ]),
      )
      expect(rendered.size).toBe(batch.length)
      for (const [index, one] of batch.entries()) {
        const [config, registries, environment] = rendered.get(index) ?? []
        expect(config).toBe(renderConfigText(one.config))
        // A file that renders to nothing but its last newline is a file that is not to be.
        expect(registries).toBe(registriesText(one.registries) || '\n')
        expect(environment).toBe(environmentText(one.environment) || '\n')
      }
    }),
    { numRuns: 2, endOnFailure: true },
  )
})

test('the templates refuse a first server with a server to join, and a joiner or worker without one', async () => {
  using local = localPlays()
  const server = [{ key: 'server', value: 'https://10.0.0.9:9345' }]
  const { hosts } = await playHosts(
    local.play(
      'render.yml',
      localInventory({
        bootstraps: { node_role: 'initial_master', rke2_bootstrap: true, rke2_config: server },
        finished: { node_role: 'initial_master', rke2_bootstrap: false, rke2_config: server },
        joins: { node_role: 'joining_master', rke2_config: server },
        astray: { node_role: 'joining_master', rke2_config: [] },
        adrift: { node_role: 'worker', rke2_config: [] },
      }),
    ),
  )
  const messages = Object.fromEntries(hosts.map(host => [host.host, host.error?.message ?? null]))
  expect(messages).toMatchObject({ finished: null, joins: null })
  expect(messages.bootstraps).toContain('a server that may make the cluster must not have a server to join')
  expect(messages.astray).toContain('a joining master must have a server to join')
  expect(messages.adrift).toContain('a worker must have a server to join')
})
