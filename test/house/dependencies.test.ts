import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../..')
let copy = ''

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'slipway-house-'))
  await cp(join(root, 'src'), join(copy, 'src'), { recursive: true })
  for (const file of ['tsconfig.json', '.dependency-cruiser.mjs', 'package.json'])
    await cp(join(root, file), join(copy, file))
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
})
afterAll(() => rm(copy, { recursive: true, force: true }))

const cruise = () =>
  run(
    process.execPath,
    [
      join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'),
      '--config',
      '.dependency-cruiser.mjs',
      'src',
    ],
    { cwd: copy },
  ).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { code: number; stdout: string }) => ({ code: error.code, stdout: error.stdout }),
  )

describe('the direction of dependencies', () => {
  it('holds for every import there is', async () => {
    const { code, stdout } = await cruise()
    expect(stdout).toMatch(/no dependency violations found \([1-9]\d* modules, [1-9]\d* dependencies cruised\)/)
    expect(code).toBe(0)
  })

  it('is broken by planted imports: each is named with its rule', async () => {
    const planted = [
      ['domain-knows-nothing', 'src/domain/planted.ts', "import '../engine/contract/stage.ts'"],
      ['contract-knows-domain-only', 'src/contract/planted.ts', "import '../engine/plan/plan.ts'"],
      ['engine-below-adapters', 'src/engine/planted.ts', "import '../secrets/seal.ts'"],
      ['cli-speaks-http', 'src/cli/planted.ts', "import '../api/runs/actions.ts'"],
      ['engine-inwards', 'src/engine/plan/planted.ts', "import '../run/requests.ts'"],
      ['api-below-server', 'src/api/planted.ts', "import '../server/stages.ts'"],
      ['engine-without-io', 'src/engine/planted2.ts', "import 'node:fs'"],
      ['children-by-one-door', 'src/hosts/planted.ts', "import 'node:child_process'"],
      ['adapters-below-stages', 'src/processes/planted.ts', "import '../server/memoryFolder.ts'"],
      ['kubernetes-knows-the-api-only', 'src/kubernetes/planted.ts', "import '../hosts/access.ts'"],
      ['undici-is-loaded-late', 'src/kubernetes/planted2.ts', "import 'undici'"],
      ['clusters-below-distributions', 'src/clusters/planted.ts', "import '../distributions/contract.ts'"],
      ['distributions-without-store', 'src/distributions/rke2/planted.ts', "import '../../store/tables.ts'"],
      ['stages-below-doors', 'src/distributions/planted.ts', "import '../api/application.ts'"],
      ['doors-below-cli', 'src/server/planted.ts', "import '../cli/version.ts'"],
      ['no-circles', 'src/domain/circle.ts', "import './ring.ts'"],
    ] as const
    await writeFile(join(copy, 'src/domain/ring.ts'), "import './circle.ts'\n")
    for (const [, file, text] of planted) await writeFile(join(copy, file), `${text}\n`)
    const { code, stdout } = await cruise()
    const told = stripVTControlCharacters(stdout).split('\n')
    for (const [rule, file] of planted)
      expect(
        told.some(line => line.includes(`${rule}: ${file}`)),
        `${rule} ${file}\n${stdout}`,
      ).toBe(true)
    expect(code).not.toBe(0)
  })
})
