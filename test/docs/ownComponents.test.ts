import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { openDesk } from '../cli/command.ts'
import { startControlPlane } from '../kubernetes/controlPlane.ts'
import { machine } from '../platform/othersSite.ts'

/** docs/own-components.md, word by word: its files are written, its commands typed, on a cluster of somebody else. */

const page = readFileSync(resolve(import.meta.dirname, '../../docs/own-components.md'), 'utf8')
const [, walk = ''] = /## In five minutes\n([\s\S]*?)\n## /.exec(page) ?? []
const files = [...walk.matchAll(/^`(components\/[^`]+)`:\n\n```yaml\n([\s\S]*?)```/gm)]
const [clusterPart = ''] = [...walk.matchAll(/In the cluster file:\n\n```yaml\n([\s\S]*?)```/g)].map(
  ([, text = '']) => text,
)
const [told = '', applied = ''] = [...walk.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = '']) => text)

it('makes a component of a folder, which is planned, installed and told as any other', async () => {
  await using plane = await startControlPlane('controllers', 'scheduler', 'kwok')
  plane.kubectl(['create', '-f', '-'], JSON.stringify(machine))
  await using desk = await openDesk()
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(desk.folder, path)), { recursive: true })
    writeFileSync(join(desk.folder, path), text)
  }
  write('kubeconfig', plane.kubeconfig)
  const discovered = await desk.slipway(['discover', 'demo', '--kubeconfig', 'kubeconfig'])
  expect(discovered, discovered.stderr).toMatchObject({ code: 0 })
  const exported = parse((await desk.slipway(['export', 'demo'])).stdout)
  write('cluster.yaml', stringify({ ...exported, spec: { ...exported.spec, ...parse(clusterPart).spec } }))
  for (const [, path = '', text = ''] of files) write(path, text)
  expect(files).toHaveLength(4)

  const type = (lines: string) => desk.shell(`slipway="$1"; slipway() { command "$slipway" "$@"; }; set -e\n${lines}`)
  const seen = await type(told)
  expect(seen.stdout).toContain('A guest book')
  expect(seen.stdout).toContain('Pods of the guest book')
  const { code, stdout, stderr } = await type(`${told.split('\n')[0]}\n${applied}`)
  expect({ code, stderr: stderr + stdout }).toMatchObject({ code: 0 })
  expect(stdout).toMatch(/guestbook\s+.*ready/)
  const replicas = ['get', 'deployment', 'guestbook', '-n', 'guestbook', '-o', 'jsonpath={.status.readyReplicas}']
  expect(plane.kubectl(replicas)).toBe('3')
}, 60_000)
