import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { clusterName } from '../../domain/names.ts'
import type { Application } from '../application.ts'
import { problemShape } from '../../contract/problem.ts'

/** A resource's plugin over an application. */
export type Routes = (application: Application) => FastifyPluginAsyncZod

export const clusterParams = z.object({ name: clusterName })
export const runParams = z.object({ id: z.string().regex(/^[a-z0-9]{1,40}$/, 'not a run id') })

/** What every request may be answered with besides its result. */
export const problems = { '4xx': problemShape, '5xx': problemShape }
