import { z } from 'zod'

/** JSON as it is hashed and stored. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export const jsonShape: z.ZodType<Json> = z.json()
