import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { pythonFolder } from '../../hosts/pythonArchive.ts'
import { meaningOf, replacing } from './effectiveSettings.ts'

const prelude = `import json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, ${JSON.stringify(pythonFolder)})
given = json.load(sys.stdin)
`
const python = (program: string, given: unknown): unknown =>
  JSON.parse(
    execFileSync('python3', ['-I', '-S', '-c', prelude + program], { input: JSON.stringify(given), encoding: 'utf8' }),
  )
const kinds = z.array(z.enum(['reset', 'usual', 'off', 'set']))
/** What the probe tells of settings of a drop-in, and what the plan makes of it. */
function meanings(settings: readonly (readonly [name: string, value: string])[]): string[] {
  const program = `from slipway.rke2.effective import kind_of_value
print(json.dumps([kind_of_value(key, value, ["/usr/local/bin/rke2", "server"]) for key, value in given]))`
  return kinds
    .parse(python(program, settings))
    .map((value, index) =>
      meaningOf({ file: '/x/a.conf', section: 'Service', name: settings[index]?.[0] ?? '', value }, false),
    )
}

/** The check right before a start. */
const startCheck = 'from slipway.rke2.start_check import REPLACING, replaced\n'
const replaced = (shown: Readonly<Record<string, string>>, unitFile = '[Service]\nType=notify\n') =>
  python(`${startCheck}print(json.dumps(replaced(given["shown"], given["file"])))`, { shown, file: unitFile })

it('the plan and the check before a start know the same settings that make another service', () => {
  const names = z.array(z.string()).parse(python(`${startCheck}print(json.dumps(REPLACING))`, null))
  expect(new Set([...names, 'ExecStart'])).toEqual(new Set(replacing))
})

it('root is whom the service runs as anyway', () => {
  const same = [
    ['User', 'root'],
    ['Group', 'root'],
    ['User', '0'],
  ] as const
  expect(meanings(same)).toEqual(['harmless', 'harmless', 'harmless'])
  expect(replaced({ User: 'root', Group: 'root' })).toEqual([])
  expect(replaced({ User: '0', Group: '0' })).toEqual([])
})

it('another user, group or root is not', () => {
  const others = [
    ['User', 'rke2'],
    ['Group', 'adm'],
    ['RootDirectory', 'root'],
  ] as const
  expect(meanings(others)).toEqual(['replaces-service', 'replaces-service', 'replaces-service'])
  expect(replaced(Object.fromEntries(others))).toEqual(['User', 'Group', 'RootDirectory'])
})

it('what systemctl shows of a unit without drop-ins is no change, and a drop-in is one', () => {
  const plain = { Type: 'notify', User: '', PrivateUsers: 'no', RefuseManualStart: 'no', MountImages: '[unprintable]' }
  expect(replaced(plain)).toEqual([])
  expect(replaced({ ...plain, Type: 'simple' }, '[Service]\nExecStart=/x\n')).toEqual([])
  expect(replaced({ ...plain, Type: 'exec', RefuseManualStart: 'yes', ExecSearchPath: '/srv/bin' })).toEqual([
    'Type',
    'ExecSearchPath',
    'RefuseManualStart',
  ])
})
