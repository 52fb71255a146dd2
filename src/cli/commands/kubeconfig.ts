import type { Command } from 'commander'
import { withServer } from '../client/withServer.ts'
import type { Surroundings } from '../surroundings.ts'

export function define(command: Command, surroundings: Surroundings): void {
  command
    .argument('<cluster>', 'name of the cluster')
    .addHelpText(
      'after',
      `
It lets its holder do everything in the cluster: keep it as safe as a root password.

Examples:
  (umask 077; slipway kubeconfig demo > demo.kubeconfig)
  kubectl --kubeconfig demo.kubeconfig get nodes
`,
    )
    .action(async (cluster: string) => {
      const path = `/clusters/${encodeURIComponent(cluster)}/kubeconfig`
      process.stdout.write(await withServer(surroundings, ({ client }) => client.text(path), 'looks'))
    })
}
