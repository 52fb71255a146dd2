import { z } from 'zod'

/** An absolute path without `..` and without signs that a shell reads: playbooks may put it into a command as it is. */
export const dotfilesPath = z
  .string()
  .max(4096)
  .refine(text => text.startsWith('/'), 'a path of dotfiles is absolute: /home/me/dotfiles')
  .refine(text => !text.split('/').includes('..'), 'a path of dotfiles has no ..')
  .refine(
    text => /^[A-Za-z0-9_.,:@%+/-]*$/.test(text),
    'a path of dotfiles has letters, digits and . _ - , : @ % + only, no blanks and nothing that a shell reads',
  )
