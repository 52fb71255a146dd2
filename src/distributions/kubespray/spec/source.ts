import { z } from 'zod'
import { httpUrl } from '../../../domain/cluster.ts'
import { filePath } from '../../../domain/names.ts'
import { holdsLogin } from '../../../domain/values/logins.ts'

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 has 64 hexadecimal digits, in lower case')
const commit = z.string().regex(/^[0-9a-f]{40}$/, 'a commit has 40 hexadecimal digits, in lower case')

/** Over HTTPS, SSH or from a folder. What Git takes for an option or a helper (`ext::sh -c …`) is none of them. */
const gitUrl = z
  .string()
  .max(2000)
  .regex(
    /^(?:https?:\/\/|ssh:\/\/|file:\/\/\/)[A-Za-z0-9[\]._~:/@+%-]+$|^[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[A-Za-z0-9._~/+-]+$/,
    'not a URL of Git: https://HOST/PATH, ssh://USER@HOST/PATH, USER@HOST:PATH or file:///PATH',
  )
  .refine(text => !/^https?:/.test(text) || !holdsLogin(text), {
    error: 'a URL may hold no login',
    params: { remedy: 'Remove USER:PASSWORD@: Git asks its credential helper, or use SSH with a key.' },
  })

/** A name of Git (git-check-ref-format), and nothing that begins like an option. */
const reference = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9._/+-]*[A-Za-z0-9+_-])?$/, 'not the name of a tag or branch')
  .refine(text => !/\.\.|\/\/|\.lock(?:\/|$)|\/\./.test(text), 'not the name of a tag or branch')

const archiveUrl = httpUrl('Remove USER:PASSWORD@; use a mirror that asks for no login.')
/** A text that begins like a URL is no path: a wrong one is told as such. */
const archive = filePath.superRefine((text, context) => {
  const read = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? archiveUrl.safeParse(text) : null
  for (const issue of read?.error?.issues ?? []) context.addIssue({ ...issue, path: [] })
})

/** Where Kubespray's playbooks come from: one of three, each pinned. */
export const kubespraySource = z.union(
  [
    z.strictObject({
      git: gitUrl.describe('Repository; Git has to be installed'),
      ref: reference.describe('Tag or branch'),
      commit: commit
        .optional()
        .describe('Commit that it has to be; default: whatever it is when a plan is made, which shows it'),
    }),
    z.strictObject({
      archive: archive.describe('A .tar.gz of Kubespray: a URL, or a path on the machine that runs Slipway'),
      sha256: digest.describe('SHA-256 of the archive'),
    }),
    z.strictObject({
      folder: filePath.describe('A folder on the machine that runs Slipway, copied as it is when it is used'),
    }),
  ],
  { error: 'one of git (with ref), archive (with sha256) or folder is needed' },
)

export type KubespraySource = z.infer<typeof kubespraySource>
export const isUrl = (archive: string): boolean => /^https?:\/\//.test(archive)
