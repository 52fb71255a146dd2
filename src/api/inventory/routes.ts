import { z } from 'zod'
import { renderForStage } from '../../ansible/inventory.ts'
import {
  renderHostJson,
  renderInventoryIni,
  renderInventoryJson,
  renderInventoryYaml,
} from '../../ansible/inventoryFormats.ts'
import { readDesiredState } from '../../store/clusters.ts'
import { clusterParams, problems, type Routes } from '../http/routes.ts'

const query = z.object({
  format: z.enum(['yaml', 'ini', 'json']).default('yaml'),
  stage: z.enum(['all', 'initial_master', 'joining_masters', 'workers']).default('all'),
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
      const { format, stage, host } = request.query
      const { spec } = await readDesiredState(application.store.database, request.params.name)
      const inventory = renderForStage(spec, stage)
      if (host === undefined) return reply.type(types[format]).send(renderers[format](inventory))
      return reply.type(types.json).send(renderHostJson(inventory, host))
    },
  )
}
