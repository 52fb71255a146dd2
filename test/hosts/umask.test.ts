import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { archive, bootstrap, pythonFolder } from '../../src/hosts/pythonArchive.ts'

/** A login and a sudo whose umask is 077, as hardened machines have it. */

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-umask-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const mode = (name: string) => (statSync(join(folder, name)).mode & 0o777).toString(8)

it('closes no folder that a module makes: the interpreter of all modules sets its own', () => {
  const template = readFileSync(join(pythonFolder, 'slipway/interpreter.sh'), 'utf8')
  const wrapper = template.replaceAll('@DIRECTORY@', folder).replaceAll('@PYTHON@', '')
  for (const [name, text] of [
    ['python', wrapper],
    ['lock', ''],
    ['fence', '1 2 here demo\n'],
  ] as const)
    writeFileSync(join(folder, name), text)
  const make = `import os; os.makedirs("${folder}/made/below")`
  execFileSync('sh', ['-c', `umask 077; exec sh "$0" -c '${make}'`, join(folder, 'python')], {
    env: { ...process.env, SLIPWAY_FENCE: '1.2@here/demo' },
  })
  expect([mode('made'), mode('made/below')]).toEqual(['755', '755'])
})

it('closes not the folder of the fence, which every login has to read', () => {
  const wanted = {
    directory: join(folder, 'slipway/below'),
    epoch: 1,
    number: 1,
    installation: 'here',
    cluster: 'demo',
    force: false,
    takeover: false,
    wait: 1,
  }
  const input = Buffer.concat([archive(), Buffer.from(JSON.stringify(wanted))])
  execFileSync('sh', ['-c', `umask 077; exec ${bootstrap()} slipway.fence`], { input })
  expect([mode('slipway'), mode('slipway/below'), mode('slipway/below/fence')]).toEqual(['755', '755', '644'])
})
