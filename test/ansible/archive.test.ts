import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { afterAll, expect, it } from 'vitest'
import { z } from 'zod'
import { ansibleFolder, findAnsible } from '../../src/ansible/tools.ts'
import { archive, bootstrap } from '../../src/hosts/pythonArchive.ts'

/** A task of a playbook comes to its host as a look at it does. */

const home = mkdtempSync(join(tmpdir(), 'slipway-ansible-'))
afterAll(() => rmSync(home, { recursive: true }))

const told = z.object({ bootstrap: z.string(), archive: z.base64() })
const program = `import base64, json, sys
sys.path.insert(0, sys.argv[1])
import host_task
print(json.dumps({"bootstrap": host_task.bootstrap(), "archive": base64.b64encode(host_task.archive()).decode()}))`

/** The pieces, each behind its length. */
function pieces(sent: Buffer): Buffer[] {
  if (sent.length === 0) return []
  const line = sent.indexOf('\n')
  const end = line + 1 + Number(sent.subarray(0, line).toString())
  return [sent.subarray(line + 1, end), ...pieces(sent.subarray(end))]
}
const unpacked = (sent: Buffer) => {
  const [importer, files] = pieces(sent)
  return { importer: String(importer), files: z.record(z.string(), z.string()).parse(filesOf(files)) }
}
const filesOf = (deflated: Uint8Array = Buffer.of()): unknown => JSON.parse(inflateSync(deflated).toString())

it('hosts are sent the same package by Ansible and by Slipway itself', async () => {
  const { python } = await findAnsible()
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', ANSIBLE_HOME: home }
  const printed = execFileSync(python, ['-I', '-B', '-c', program, ansibleFolder], { encoding: 'utf8', env })
  const theirs = told.parse(JSON.parse(printed))
  expect(bootstrap()).toBe(`python3 -I -S -c '${theirs.bootstrap}'`)
  const ours = unpacked(archive())
  expect(Object.keys(ours.files)).toContain('slipway/rke2/tasks/files.py')
  expect(Object.keys(ours.files)).toContain('slipway/interpreter.sh')
  expect(unpacked(Buffer.from(theirs.archive, 'base64'))).toEqual(ours)
})
