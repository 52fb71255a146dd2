import { z } from 'zod'
import { renderInventory } from '../../ansible/inventory.ts'
import {
  renderHostJson,
  renderInventoryIni,
  renderInventoryJson,
  renderInventoryYaml,
} from '../../ansible/inventoryFormats.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { readDesiredState } from '../../store/clusters.ts'
import { withKnownAddresses } from '../../store/machineAddresses.ts'
import { clusterParams, problems, type Routes } from '../http/routes.ts'

const query = z.object({
  format: z.enum(['yaml', 'ini', 'json']).default('yaml'),
  group: z.string().max(100).optional().describe('Only the nodes of this group'),
  host: z
    .string()
    .max(253)
    .optional()
    .describe('Only the variables of this host, as JSON (a script inventory’s --host)'),
})

const renderers = { yaml: renderInventoryYaml, ini: renderInventoryIni, json: renderInventoryJson }
const types = { yaml: 'application/yaml', ini: 'text/plain', json: 'application/json' }

/** What Ansible would be given for a cluster; for people and other tools. No secret is in it. */
export const inventoryRoutes: Routes = application => async server => {
  server.get(
    '/clusters/:name/inventory',
    {
      schema: {
        params: clusterParams,
        querystring: query,
        response: { 200: { content: { 'text/plain': { schema: z.string() } } }, ...problems },
      },
    },
    async (request, reply) => {
      const { format, group, host } = request.query
      const { database } = application.store
      const stored = await withKnownAddresses(database, await readDesiredState(database, request.params.name))
      const { spec } = application.distributions.read(stored)
      const { inventory: roles } = application.distributions.of(spec)
      if (group !== undefined && !roles.groups.includes(group))
        throw new SlipwayError('usage', `there is no group ${group}; there are ${roles.groups.join(', ')}`)
      const nodes = spec.nodes.filter(node => group === undefined || roles.groupsOf(node, spec.nodes).includes(group))
      const inventory = renderInventory(roles, spec, nodes)
      if (host === undefined) return reply.type(types[format]).send(renderers[format](inventory))
      return reply.type(types.json).send(renderHostJson(inventory, host))
    },
  )
}
