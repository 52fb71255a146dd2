import { spawnSync } from 'node:child_process'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { LabError } from './errors.ts'
import { sshConfigFile } from './identity.ts'
import { Lab, type LabDescription } from './lab.ts'
import { labNames } from './record.ts'

const say = (line: string): void => void process.stderr.write(`[lab] ${line}\n`)

const program = new Command('lab/lab')
  .description(
    'Real Debian hosts on this machine, with systemd and SSH, that can be broken in every way a host breaks.',
  )
  .showHelpAfterError('(--help shows the options and examples)')
  .enablePositionalOptions()
  .exitOverride()

const command = (usage: string, description: string, example: string): Command =>
  program.command(usage).description(description).addHelpText('after', `\nExample:\n  ${example}`)

command('up', 'boot a lab, or complete one that is there', 'lab/lab up --name demo --hosts 5 -o json')
  .requiredOption('--name <lab>', 'name of the lab')
  .option('--hosts <n>', 'how many hosts, named h1, h2 …', wholeNumber)
  .option('--names <a,b,c>', 'names of the hosts instead')
  .option('--ipv6', 'IPv6 addresses too')
  .option('--behind-jump', 'hosts that are reached only through one more host, jump')
  .option('--owner-pid <pid>', 'take the lab down when this process ends', wholeNumber)
  .option('-o, --output <json|text>', 'what to print', 'json')
  .action(async options => {
    const lab = await Lab.up({
      name: options.name,
      hosts: options.names?.split(',') ?? options.hosts ?? 1,
      ipv6: options.ipv6 ?? false,
      behindJump: options.behindJump ?? false,
      ownerPid: options.ownerPid ?? null,
      progress: say,
    })
    print(lab.describe(), options.output)
  })

command('down', 'end a lab and remove all of it', 'lab/lab down --name demo')
  .option('--name <lab>', 'name of the lab')
  .option('--all', 'every lab')
  .action(async options => {
    if (!options.name === !options.all) throw new LabError('which lab?', 'Give --name LAB or --all.', { exitCode: 2 })
    for (const name of options.all ? labNames() : [options.name]) {
      say((await Lab.down(name)) ? `lab ${name} is down` : `there is no lab ${name}`)
    }
  })

command('list', 'the labs and their hosts', 'lab/lab list').action(() => {
  for (const name of labNames()) {
    const lab = Lab.open(name)
    const owner = lab.record().owner
    process.stdout.write(`${name}${owner ? `  (ends with process ${owner.pid})` : ''}\n`)
    for (const host of lab.record().hosts) {
      process.stdout.write(
        `  ${host.name.padEnd(12)} ${lab.host(host.name).address.padEnd(15)} ${lab.stateOf(host.name)}\n`,
      )
    }
  }
})

command(
  'ssh <lab> <host> [command...]',
  'log in to a host, or run a command on it',
  'lab/lab ssh demo h1 systemctl status',
)
  .passThroughOptions()
  .action((name: string, host: string, words: string[]) => {
    Lab.open(name).host(host)
    const { status } = spawnSync('ssh', ['-F', sshConfigFile(name), host, ...words], { stdio: 'inherit' })
    process.exitCode = status ?? 255
  })

const power = {
  kill: 'pull the plug',
  boot: 'switch on',
  freeze: 'stop all processes',
  thaw: 'let them go on',
} as const
for (const verb of ['kill', 'boot', 'freeze', 'thaw'] as const) {
  command(`${verb} <lab> <host>`, `${power[verb]} of a host`.replace('on of', 'on'), `lab/lab ${verb} demo h1`).action(
    async (name: string, host: string) => Lab.open(name)[verb](host),
  )
}

function print(lab: LabDescription, format: string): void {
  if (format === 'json') {
    process.stdout.write(`${JSON.stringify(lab)}\n`)
    return
  }
  for (const host of lab.hosts) process.stdout.write(`${host.name.padEnd(12)} ${host.address}\n`)
  process.stdout.write(`ssh -F ${lab.ssh_config_file} ${lab.hosts[0]?.name}\n`)
}

function wholeNumber(text: string): number {
  if (/^[0-9]{1,7}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number.')
}

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2
  } else if (error instanceof LabError) {
    say(`error: ${error.message}`)
    say(error.remedy)
    process.exitCode = error.exitCode
  } else {
    throw error
  }
}
