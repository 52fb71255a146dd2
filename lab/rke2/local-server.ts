import { existsSync, readFileSync } from 'node:fs'
import { combine, parseArguments, reader } from './arguments.ts'
import { Refused } from './refusal.ts'
import { readConfiguration } from './configuration.ts'
import { type Kind, serverFlags } from './flags.ts'
import { pathsOf } from './paths.ts'
import { connectSupervisor, type Supervisor } from './supervisor-client.ts'

/** Reads the options of a command that speaks to the server of this host, or to the one that --server names. */
export function readCommand(args: readonly string[], own: readonly [string, Kind][]) {
  const flags = new Map([...serverFlags, ...own])
  const line = parseArguments(args, flags)
  const file = line.values.get('config')?.at(-1) ?? '/etc/rancher/rke2/config.yaml'
  const read = reader(combine(readConfiguration(file), line.values, flags).values)
  const paths = pathsOf(read.text('data-dir') ?? '/var/lib/rancher/rke2')
  // `server:` in the file says whom to join; only on the command line does it say whom to speak to.
  const url = line.values.get('server')?.at(-1) ?? 'https://127.0.0.1:9345'
  const token = read.text('token') ?? (existsSync(paths.token) ? readFileSync(paths.token, 'utf8').trim() : undefined)

  async function connect(): Promise<Supervisor> {
    if (token === undefined) throw new Refused('the server token is required: give --token')
    return connectSupervisor(url, token, 'server')
  }
  return { read, paths, rest: line.rest, connect }
}
