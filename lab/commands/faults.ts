import type { Command } from 'commander'
import { Lab } from '../lab.ts'
import { addCommand, wholeNumber } from './command.ts'

/** Everything that happens to one host, or to some: power, network, disk. */
export function addFaults(program: Command): void {
  const onHost = (verb: 'kill' | 'boot' | 'freeze' | 'thaw' | 'fill' | 'unfill', description: string): void => {
    addCommand(program, `${verb} <lab> <host>`, description, `${verb} demo h1`).action(
      async (lab: string, host: string) => {
        await Lab.open(lab)[verb](host)
      },
    )
  }
  onHost('kill', 'pull the plug of a host')
  onHost('boot', 'switch a host on, and wait until it answers')
  onHost('freeze', 'stop all processes of a host where they stand')
  onHost('thaw', 'let a frozen host go on')

  addCommand(
    program,
    'partition <lab> <hosts>',
    'cut hosts off from all others and from this machine',
    'partition demo h1',
    'partition demo h1,h2',
  )
    .addHelpText('after', '\nThe hosts named together still reach each other.')
    .action(async (lab: string, hosts: string) => Lab.open(lab).partition(...hosts.split(',')))

  addCommand(
    program,
    'slow <lab> <host> <kbit>',
    "limit a host's bandwidth in kbit/s, each direction",
    'slow demo h2 512',
  ).action(async (lab: string, host: string, kbit: string) => Lab.open(lab).slow(host, wholeNumber(kbit)))

  addCommand(
    program,
    'latency <lab> <host> <ms>',
    'delay what a host sends and receives, each by so much',
    'latency demo h2 40',
  ).action(async (lab: string, host: string, ms: string) => Lab.open(lab).latency(host, wholeNumber(ms)))

  addCommand(
    program,
    'heal <lab> [hosts]',
    'end partitions, limits of bandwidth and latency',
    'heal demo',
    'heal demo h1,h2',
  ).action(async (lab: string, hosts?: string) => Lab.open(lab).heal(...(hosts?.split(',') ?? [])))

  onHost('fill', "leave not one block free on a host's disk")
  onHost('unfill', 'free what fill has taken')

  addCommand(
    program,
    'wipe <lab> <host> [path]',
    're-image a host, or remove one path of its disk',
    'wipe demo h1',
    'wipe demo h1 /var/lib/rancher',
  )
    .addHelpText(
      'after',
      '\nRe-imaged, it keeps its name and address, and gets another machine-id and other host keys.\nA host that is on is killed before and booted after.',
    )
    .action(async (lab: string, host: string, path?: string) => Lab.open(lab).wipe(host, path))
}
