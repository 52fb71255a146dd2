import { type Command, Option } from 'commander'
import { LabError } from '../errors.ts'
import { Lab } from '../lab.ts'
import { checkout } from '../places.ts'
import { labNames, readableRecord } from '../record.ts'
import { sweep } from '../sweep.ts'
import { addCommand, print, say, wholeNumber } from './command.ts'

const output = (): Option => new Option('-o, --output <format>', 'what to print').choices(['json', 'text'])

export function addLifecycle(program: Command): void {
  addCommand(
    program,
    'up',
    'boot a lab, or complete one that is there',
    'up --name demo --hosts 5 -o json',
    'up --name mine --names m1,m2,m3',
    'up --name real --hosts 1 --pods',
  )
    .requiredOption('--name <lab>', 'name of the lab')
    .option('--hosts <n>', 'how many hosts, named h1, h2 … (default: 1)', wholeNumber)
    .option('--names <a,b,c>', 'names of the hosts instead')
    .option('--ipv6', 'IPv6 addresses too')
    .option('--behind-jump', 'hosts that are reached only through one more host, jump')
    .option('--pods', 'hosts on which pods really run')
    .option('--owner-pid <pid>', 'take the lab down when this process ends', wholeNumber)
    .option('--adopt', 'take over a lab that belongs to another process or checkout')
    .addOption(output().default('json'))
    .action(async options => {
      const lab = await Lab.up({
        name: options.name,
        hosts: wantedHosts(options.hosts, options.names),
        ipv6: options.ipv6 ?? false,
        behindJump: options.behindJump ?? false,
        pods: options.pods ?? false,
        ownerPid: options.ownerPid ?? null,
        adopt: options.adopt ?? false,
        progress: say,
      })
      printLab(lab, options.output)
    })

  addCommand(
    program,
    'load <lab> <save>',
    'boot a saved lab, in place of the one that has the name',
    'load demo formed-cluster',
  )
    .option('--owner-pid <pid>', 'take the lab down when this process ends', wholeNumber)
    .addOption(output().default('json'))
    .action(async (name: string, save: string, options) => {
      printLab(await Lab.load(save, { name, ownerPid: options.ownerPid ?? null, progress: say }), options.output)
    })

  addCommand(program, 'down', 'end a lab and remove all of it', 'down --name demo', 'down --mine')
    .option('--name <lab>', 'name of the lab')
    .option('--mine', 'every lab that this checkout has made')
    .option('--all', 'every lab of this user, also those of other checkouts')
    .action(async options => {
      if ([options.name, options.mine, options.all].filter(Boolean).length !== 1) {
        throw new LabError('which lab?', 'Give --name LAB, --mine or --all.', { exitCode: 2 })
      }
      const mine = (name: string): boolean => readableRecord(name)?.checkout === checkout
      const names = options.name ? [options.name] : labNames().filter(name => options.all || mine(name))
      for (const name of names) {
        say((await Lab.down(name)) ? `lab ${name} is down` : `there is no lab ${name}`)
      }
      if (!options.name) await sweep(say)
    })

  addCommand(program, 'list', 'the labs and their hosts', 'list', 'list -o json')
    .addOption(output().default('text'))
    .action(options => {
      const labs = labNames().filter(isReadable).map(Lab.open)
      if (options.output === 'text') for (const lab of labs) printLab(lab, 'text')
      else print(JSON.stringify(labs.map(inventory)))
    })
}

/** Labs of other versions are named, so that they can be ended. */
function isReadable(name: string): boolean {
  if (readableRecord(name)) return true
  say(`${name} was made by another version of the lab; end it with lab/lab down --name ${name}`)
  return false
}

const inventory = (lab: Lab): object => {
  return { name: lab.name, owner_pid: lab.ownerPid, checkout: lab.checkout, ...lab.describe() }
}

function wantedHosts(count?: number, names?: string): number | string[] {
  const named = names?.split(',')
  if (named && count !== undefined && named.length !== count) {
    throw new LabError(`--hosts ${count}, but ${named.length} names`, 'Give one of the two, or as many names.', {
      exitCode: 2,
    })
  }
  return named ?? count ?? 1
}

function printLab(lab: Lab, format: string): void {
  const { jump, hosts, ...rest } = lab.describe()
  if (format === 'json') {
    print(JSON.stringify({ hosts, ...(jump ? { jump } : {}), ...rest }))
    return
  }
  const origin = lab.checkout === checkout ? '' : `, made by ${lab.checkout}`
  print(`${lab.name}${lab.ownerPid === null ? '' : `, ends with process ${lab.ownerPid}`}${origin}`)
  for (const host of jump ? [jump, ...hosts] : hosts) {
    print(`  ${host.name.padEnd(14)} ${host.address.padEnd(15)} ${lab.stateOf(host.name)}`)
  }
}
