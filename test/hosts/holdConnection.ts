// Opens connections as a server does and holds them until it is killed: node holdConnection.ts < JSON of the targets.
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { openWorkbench } from './workbench.ts'

const target = z.object({
  hostname: z.string(),
  address: z.string(),
  port: z.int(),
  user: z.string(),
  identity: z.string(),
  sudo: z.boolean(),
  jump: z.array(z.never()),
})
const targets = z.array(target).parse(JSON.parse(await text(process.stdin)))
const bench = await openWorkbench()
const hosts = await bench.open(targets)
await Promise.all(targets.map(one => hosts.connect(one.hostname)))
process.stdout.write(`${JSON.stringify({ worker: bench.worker, directory: bench.directory })}\n`)
setInterval(() => {}, 1000)
