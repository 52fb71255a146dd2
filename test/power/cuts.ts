import { rmSync } from 'node:fs'
import { z } from 'zod'
import { seeded } from '../seeded.ts'
import { cutPower } from './cutPower.ts'
import { makeSite } from './site.ts'

/**
 * `make soak PIECE=power`: cuts the power of a machine that works, again and again, and looks each time at what is there.
 *   scripts/node test/power/cuts.ts MACHINE [safe|no-flush|lying-disk]
 * `SLIPWAY_CUTS` (10) is how many, `SLIPWAY_SEED` repeats their moments. `safe` ends with 0 when nothing that was
 * acknowledged was lost. The others show that this says something: without what Slipway relies on something is lost,
 * and they end with 0 when it was. `no-flush`: all programs of the machine ask in vain that writes are forced to the
 * disk. `lying-disk`: the disk says that it has flushed, and has not.
 *
 * A machine that ends by SIGKILL loses the memory of its kernel, all that was not written; what was written and not
 * flushed it would not lose, so the disk is one of ours, which forgets that, sector by sector (`disk.ts`).
 */
const [machine, mode] = z
  .tuple([z.string(), z.enum(['safe', 'no-flush', 'lying-disk'])])
  .parse([process.argv[2], process.argv[3] ?? 'safe'])
const number = z.coerce.number().int().nonnegative()
const cuts = number.parse(process.env['SLIPWAY_CUTS'] ?? 10)
const seed = number.parse(process.env['SLIPWAY_SEED'] ?? Date.now() % 1_000_000)
const say = (line: string): void => console.log(`[power] ${line}`)

say(`${mode}: ${cuts} cuts, seed ${seed}`)
const site = await makeSite(machine, mode !== 'lying-disk')
process.once('exit', () => rmSync(site.folder, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const began = performance.now()
const faults = await cutPower(site, { cuts, flushes: mode !== 'no-flush', random: seeded(seed), say }).catch(
  (error: unknown) => [error instanceof Error ? error.message : String(error)],
)
site.server.close()
site.disk.close()
for (const fault of faults.slice(0, 20)) say(fault)
if (faults.length > 20) say(`… and ${faults.length - 20} more`)
const asItShould = (mode === 'safe') === (faults.length === 0)
const outcome = faults.length === 0 ? 'nothing was lost' : `${faults.length} faults`
say(
  `${mode}, seed ${seed}: ${outcome}, as it ${asItShould ? 'should be' : 'should not be'}, in ${Math.round((performance.now() - began) / 1000)} s`,
)
process.exitCode = asItShould ? 0 : 1
