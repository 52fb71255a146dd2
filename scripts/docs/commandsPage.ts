import { Command } from 'commander'
import { help } from '../../src/cli/program.ts'
import { surroundings } from '../../src/cli/local/surroundings.ts'
import { commandList } from '../../src/cli/commandList.ts'

/** docs/cli.md: what holds for every command, then the help of each. */
export async function commandsPage(): Promise<string> {
  const helps = await Promise.all(
    commandList.map(async entry => {
      const root = new Command('slipway')
      const command = root.command(entry.name).description(entry.summary)
      ;(await entry.load()).define(command, surroundings)
      return [command, ...command.commands].map(helpOf).join('\n')
    }),
  )
  return `${head}\n${helps.join('\n')}`
}

function helpOf(command: Command): string {
  let text = ''
  command
    .configureHelp(help)
    .configureOutput({ writeOut: part => (text += part), getOutHelpWidth: () => 110, getOutHasColors: () => false })
    .outputHelp()
  const names = []
  for (let at: Command | null = command; at; at = at.parent) names.unshift(at.name())
  return `### ${names.join(' ')}\n\n\`\`\`\n${text.trim()}\n\`\`\`\n`
}

const head = `# Command line

*Generated from \`src/cli\` by \`make docs\`.*

stdout holds data, stderr holds talk. \`-o json\` and \`-o yaml\` give the same words as the API and the cluster file
(snake_case); then an error is one line of JSON on stderr.

## Exit codes

| code | name | meaning |
|---|---|---|
| 0 | done | it worked; also when there was nothing to do |
| 1 | internal | Slipway itself failed, or its server or database does not answer |
| 2 | usage | wrong usage or invalid input; nothing was stored |
| 3 | changes | \`plan --detailed-exitcode\`: the plan has changes |
| 4 | failed | the run failed |
| 5 | refused | refused by a guard, the preflight, or because an approval is missing; nothing was changed |
| 6 | busy | another run holds the cluster, or another process the data folder |
| 7 | cancelled | the run was cancelled |
| 8 | incomplete | The run has completed without an optional stage, which failed |
| 130 | interrupted | Ctrl-C before anything was begun, or after detaching; a run that was left, as by SIGINT or SIGTERM without a terminal |

## Environment

| variable | meaning |
|---|---|
| \`SLIPWAY_HOME\` | data folder; default \`$XDG_DATA_HOME/slipway\` or \`~/.local/share/slipway\` |
| \`SLIPWAY_URL\`, \`SLIPWAY_TOKEN\` | a server elsewhere and its token |
| \`DATABASE_URL\` | PostgreSQL instead of the embedded database |
| \`NO_COLOR\` | no colours |
| \`CI=true\` | nobody is asked anything, as without a terminal |
| \`SLIPWAY_DEBUG\` | internal errors with their stack |

## How commands find the server

With \`SLIPWAY_URL\` they talk to that server. Otherwise they look into the data folder: \`server.json\` names the server
that runs on it, and \`token\` (readable by you alone) opens it. When none runs, the command starts one inside itself for
as long as it takes. Other commands may use it meanwhile; it ends when the last of them has left. When two commands
start at the same moment, the lock on the folder decides, and the loser talks to the winner.

## Commands
`
