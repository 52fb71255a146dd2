import type { Distribution } from '../../../src/distributions/contract.ts'
import { toyFormat, type ToySpec } from './format.ts'
import { finish, install, prepare } from './stages.ts'

/** Clusters whose machines are folders: as much of a distribution as there must be. */
export const toy: Distribution<ToySpec> = {
  format: toyFormat,
  inventory: { groups: ['folders'], parents: {}, groupsOf: () => ['folders'], variables: () => ({}) },
  stages: sessionOf => [prepare, install, finish].map(stage => stage.over(sessionOf)),
  operations: {
    apply({ cluster, accepted, desired: { world, version, nodes } }) {
      const given = { cluster, world, version }
      const hosts = nodes.map(({ hostname }) => hostname)
      const first = prepare.request({
        title: 'Make the machines',
        needs: [],
        arguments: { ...given, hosts, accepted: [...accepted] },
      })
      const each = hosts.map(host =>
        install.request({
          of: host,
          title: `Install ${host}`,
          needs: [{ stage: first.key }],
          arguments: { ...given, host },
        }),
      )
      const last = finish.request({
        title: 'Keep the kubeconfig',
        needs: each.map(({ key }) => ({ stage: key })),
        arguments: given,
      })
      return { stages: [first, ...each, last], findings: [] }
    },
  },
}
