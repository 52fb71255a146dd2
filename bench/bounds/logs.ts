import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { findAnsible } from '../../src/ansible/tools.ts'
import { type Bound, median, spread, timed } from '../bound.ts'
import { authorised } from '../../test/serverEvents.ts'
import { root, slipway, startedServer } from '../server.ts'

const clusterFile = `apiVersion: slipway/v1
kind: Cluster
metadata: { name: bench }
spec:
  distribution: rke2
  version: v1.34.1+rke2r1
  nodes: [{ hostname: bench, internal_ip: 10.0.0.11, role: initial_master }]
`

const playbookOf = (lines: number) => `- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.debug:
        msg: "{{ range(0, ${lines}) | map('string') | map('regex_replace', '^', 'one line of the log, number ') | list }}"
`

/** From the start of a run until a client that follows its log has the last line, against the same playbook into a file. */
export const logs: Bound = {
  name: 'logs',
  minutes: 15,
  async measure() {
    const work = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
    try {
      const playbook = join(work, 'print.yml')
      const through = async (lines: number) => {
        await writeFile(playbook, playbookOf(lines))
        return throughSlipway(work, playbook, lines)
      }
      await through(1000)
      const ratios: number[] = []
      const seen: string[] = []
      for (let round = 0; round < 3; round++) {
        const ours = await through(100_000)
        const theirs = await intoFile(work, playbook)
        ratios.push(ours / theirs)
        seen.push(`${(ours / 1000).toFixed(1)}/${(theirs / 1000).toFixed(1)} s`)
      }
      const growths: number[] = []
      for (let round = 0; round < 3; round++) {
        const ten = await through(10_000)
        growths.push((await through(100_000)) / ten)
      }
      return [
        {
          name: 'log of 100,000 lines',
          figure: median(ratios),
          bound: 1.2,
          unit: '×',
          note: `to a following client / ansible-playbook > file: ${seen.join(', ')}`,
        },
        {
          name: 'log growth, 10k → 100k lines',
          figure: median(growths),
          bound: 10,
          unit: '×',
          note: `time for ten times the lines; 10 is linear, ${spread(growths)}`,
        },
      ]
    } finally {
      await rm(work, { recursive: true, force: true })
    }
  },
}

async function throughSlipway(work: string, playbook: string, lines: number): Promise<number> {
  const home = await mkdtemp(join(work, 'home-'))
  const environment = { ...process.env, SLIPWAY_HOME: home, BENCH_PLAYBOOK: playbook }
  const server = await startedServer(process.execPath, [join(root, 'bench/logServer.ts')], environment)
  try {
    const file = join(home, 'followed.log')
    const time = await timed(async () => {
      const body = JSON.stringify({
        document: { name: 'cluster.yaml', source: clusterFile, files: {} },
        approve: null,
        accept: [],
      })
      const response = await fetch(`${server.url}/api/v1/clusters/bench/runs`, {
        method: 'POST',
        headers: { ...authorised(home), 'content-type': 'application/json' },
        body,
      })
      const { run } = z.object({ run: z.string() }).parse(await response.json())
      const client = spawn(slipway, ['logs', '-f', run], { env: environment, stdio: ['ignore', 'pipe', 'ignore'] })
      client.stdout.pipe(createWriteStream(file))
      const [code] = await once(client, 'close')
      if (code !== 0) throw new Error(`slipway logs ended with ${code}`)
    })
    const received = (await readFile(file, 'utf8')).split('\n').length
    if (received < lines) throw new Error(`${received} of ${lines} lines arrived`)
    return time
  } finally {
    await server.stop()
  }
}

async function intoFile(work: string, playbook: string): Promise<number> {
  const inventory = join(work, 'inventory.yml')
  await writeFile(inventory, 'all: { hosts: { bench: {} } }\n')
  const { python } = await findAnsible()
  return timed(async () => {
    const child = spawn(python, ['-m', 'ansible', 'playbook', '-i', inventory, playbook], {
      cwd: work,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    child.stdout.pipe(createWriteStream(join(work, 'bare.log')))
    const [code] = await once(child, 'close')
    if (code !== 0) throw new Error(`ansible-playbook ended with ${code}`)
  })
}
