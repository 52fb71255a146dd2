import { execFile } from 'node:child_process'
import { appendFile, cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../..')
let copy = ''

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'slipway-house-'))
  for (const name of ['src', 'scripts', 'bench', 'tsconfig.json', 'package.json', 'knip.production.json'])
    await cp(join(root, name), join(copy, name), { recursive: true })
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
})
afterAll(() => rm(copy, { recursive: true, force: true }))

/** As `scripts/lint` asks it. */
const look = () =>
  run(
    process.execPath,
    [
      join(root, 'node_modules/knip/bin/knip.js'),
      '-c',
      'knip.production.json',
      '--include',
      'files,exports,types,duplicates',
    ],
    { cwd: copy },
  ).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { code: number; stdout: string }) => ({ code: error.code, stdout: stripVTControlCharacters(error.stdout) }),
  )

it('nothing is there for tests alone', async () => {
  expect(await look()).toMatchObject({ code: 0 })
})

it('a file, a function and a type that only a test uses are named', async () => {
  await writeFile(join(copy, 'src/domain/plantedFile.ts'), 'export const planted = 1\n')
  await writeFile(join(copy, 'src/domain/plantedFile.test.ts'), "import { planted } from './plantedFile.ts'\nplanted\n")
  const used = join(copy, 'src/store/waker.ts')
  await writeFile(
    join(copy, 'src/store/planted.test.ts'),
    "import { plantedFunction, type PlantedType } from './waker.ts'\nplantedFunction() satisfies PlantedType\n",
  )
  const planted = '\nexport const plantedFunction = (): null => null\nexport type PlantedType = null\n'
  await appendFile(used, planted)
  const { code, stdout } = await look()
  expect(code).toBe(1)
  for (const [name, file] of [
    ['', 'src/domain/plantedFile.ts'],
    ['plantedFunction', 'src/store/waker.ts'],
    ['PlantedType', 'src/store/waker.ts'],
  ] as const)
    expect(
      stdout.split('\n').filter(line => line.includes(file) && line.includes(name)),
      name,
    ).not.toEqual([])
})
