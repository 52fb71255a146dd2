import { z } from 'zod'
import { filePath, plainText } from '../../../domain/names.ts'
import { holdsLogin } from '../../../domain/values/logins.ts'
import { addFault, flag, listOf } from '../../../domain/values/forms.ts'
import { registryHostFault } from '../../../domain/values/networkNames.ts'

/**
 * RKE2's registries.yaml. A key without a value is an empty map there (`mirrors: { docker.io:, "*": }` is how the
 * embedded registry is told what to share), and `*` stands for every registry that is not named.
 */
const host = z.string().superRefine((text, context) => {
  if (text !== '*') addFault(context, registryHostFault(text), text)
})

const endpoint = plainText
  .refine(text => !/\s/.test(text) && text !== '', 'an endpoint is a URL without blanks')
  .refine(text => !holdsLogin(text), {
    error: 'a URL may hold no login',
    params: { remedy: 'Remove USER:PASSWORD@; the login goes into configs.HOST.auth_file.' },
  })

const rewrite = z.record(plainText, plainText).optional().describe('Patterns of image names, and what is put for them')
const mirror = z.strictObject({
  endpoint: listOf(endpoint).optional().describe('URLs, asked in this order before the registry itself'),
  rewrite,
})
const plainMirror = z.strictObject({ endpoint: z.array(z.string()).optional(), rewrite })

const tls = z.strictObject({
  ca_file: plainText.optional(),
  cert_file: plainText.optional(),
  key_file: plainText.optional(),
  insecure_skip_verify: flag.optional(),
})
const plainTls = tls.extend({ insecure_skip_verify: z.boolean().optional() })
const auth_file = filePath
  .optional()
  .describe(
    'File with `username: …` and `password: …`, or with `identity_token: …`, taken as they stand; stored sealed',
  )
const config = z.strictObject({
  auth_file,
  tls: z.codec(z.union([tls, z.null()]), plainTls, { decode: given => given ?? {}, encode: given => given }).optional(),
})
const plainConfig = z.strictObject({ auth_file, tls: plainTls.optional() })

const mirrors = z.record(
  host,
  z.codec(z.union([mirror, z.null()]), plainMirror, { decode: given => given ?? {}, encode: given => given }),
)
const configs = z.record(
  host,
  z.codec(z.union([config, z.null()]), plainConfig, { decode: given => given ?? {}, encode: given => given }),
)

export const registries = z.strictObject({
  mirrors: z
    .codec(z.union([mirrors, z.null()]), z.record(z.string(), plainMirror), {
      decode: given => given ?? {},
      encode: given => given,
    })
    .optional(),
  configs: z
    .codec(z.union([configs, z.null()]), z.record(z.string(), plainConfig), {
      decode: given => given ?? {},
      encode: given => given,
    })
    .optional(),
})
