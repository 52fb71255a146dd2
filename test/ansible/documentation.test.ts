import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { z } from 'zod'
import { ansibleFolder, findAnsible } from '../../src/ansible/tools.ts'
import type { Json } from '../../src/contract/json.ts'

/** What `ansible-doc` says of our tasks is what their action plugins take. */

const home = mkdtempSync(join(tmpdir(), 'slipway-ansible-'))
afterAll(() => rmSync(home, { recursive: true }))

const tasks = ['files', 'hardening', 'release', 'service', 'uninstall'].map(name => `rke2_${name}`)

interface Option {
  readonly type: string
  readonly required: boolean
  readonly default: Json
  readonly choices: readonly string[]
  readonly inner: Readonly<Record<string, Option>>
}
const options: z.ZodType<Readonly<Record<string, Option>>> = z.lazy(() => z.record(z.string(), option))
const option = z
  .object({
    type: z.string(),
    required: z.boolean().default(false),
    default: z.json().nullable().default(null),
    choices: z.array(z.string()).default([]),
    options: options.optional(),
    suboptions: options.optional(),
  })
  .transform(({ options, suboptions, ...rest }) => ({
    ...rest,
    inner: options ?? suboptions ?? {},
  }))
const documented = z.record(z.string(), z.object({ doc: z.object({ options }) }))

const specifications = `import importlib.util, json, sys
found = {}
for name in sys.argv[2:]:
    spec = importlib.util.spec_from_file_location(name, "%s/action_plugins/%s.py" % (sys.argv[1], name))
    plugin = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(plugin)
    found[name] = plugin.ActionModule.argument_spec
print(json.dumps(found))`

it('the pages of our tasks name all their arguments as they are', async () => {
  const { bin, python } = await findAnsible()
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', ANSIBLE_CONFIG: join(ansibleFolder, 'ansible.cfg') }
  const run = (command: string, ...args: string[]): unknown =>
    JSON.parse(execFileSync(command, args, { encoding: 'utf8', env: { ...env, ANSIBLE_HOME: home } }))
  const taken = z
    .record(z.string(), options)
    .parse(run(python, '-I', '-B', '-c', specifications, ansibleFolder, ...tasks))
  const pages = documented.parse(run(join(bin, 'ansible-doc'), '--json', '--type', 'module', ...tasks))
  for (const task of tasks) {
    // The plugin's own: the host never hears of it.
    const { artifact_path: _, ...told } = pages[task]?.doc.options ?? {}
    expect(told, task).toEqual(taken[task])
  }
})
