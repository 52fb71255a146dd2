import { ansibleIp } from '../../../domain/cluster.ts'
import type { Discovery } from '../../contract.ts'
import { apiUrlOf } from '../../../kubernetes/adminKubeconfig.ts'
import type { Rke2Spec } from '../spec/spec.ts'
import { readMachines } from './readMachines.ts'
import { readServer } from './readServer.ts'
import { specOf } from './specOf.ts'

/** How an RKE2 cluster that was made by hand, or by other tools, goes on record. */
export const discovery: Discovery<Rke2Spec> = {
  specOf,
  overSsh: {
    readServer,
    readMachines,
    apiUrl({ api_endpoint, nodes }) {
      const [first] = nodes.filter(({ role }) => role === 'initial_master')
      return apiUrlOf(api_endpoint ?? (first ? ansibleIp(first) : ''))
    },
  },
}
