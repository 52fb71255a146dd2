import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as breath } from 'node:timers/promises'

/** Reads an inventory over and over while others write it, and tells what it has ever seen that was not whole. */
const [, , folder = '', always = ''] = process.argv
const seen = { reads: 0, faults: [] as string[] }
process.on('message', () => {
  process.send?.(seen)
  process.disconnect()
  process.exit(0)
})
process.send?.('ready')

for (;;) {
  const text = readFileSync(join(folder, 'inventory.ini'), 'utf8')
  const fault = faultOf(text)
  if (fault !== null) seen.faults.push(`${fault} in ${JSON.stringify(text.slice(-200))}`)
  for (const name of readdirSync(join(folder, 'inventory.d')).filter(one => one.endsWith('.ini'))) {
    const fragment = readOrGone(join(folder, 'inventory.d', name))
    const machine = name.slice(0, -4)
    if (fragment !== null && !isWhole(fragment, machine)) seen.faults.push(`fragment ${name}: ${fragment}`)
  }
  seen.reads += 1
  await breath()
}

function faultOf(given: string): string | null {
  const begun = [...given.matchAll(/^# BEGIN slipway machine (\S+)$/gm)].map(([, name]) => name)
  const ended = [...given.matchAll(/^# END slipway machine (\S+)$/gm)].map(([, name]) => name)
  const hosts = [...given.matchAll(/^(\S+) ansible_host=.* HostKeyAlias=\1'"$/gm)].map(([, name]) => name)
  if (!given.endsWith('\n') || !given.includes('\n[vms]\n')) return 'cut off'
  if (new Set(hosts).size !== hosts.length) return 'doubled'
  if (begun.join() !== ended.join() || begun.join() !== hosts.join()) return 'not whole'
  return hosts.includes(always) ? null : 'lost'
}

function readOrGone(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

function isWhole(fragment: string, machine: string): boolean {
  return (
    fragment.startsWith(`# BEGIN slipway machine ${machine}\n`) &&
    fragment.endsWith(`# END slipway machine ${machine}\n`)
  )
}
