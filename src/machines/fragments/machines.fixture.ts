import type { ListedMachine } from './render.ts'

/** A machine as the API lists it. */
export const listed = (name: string, over: Partial<ListedMachine> = {}): ListedMachine => ({
  name,
  addresses: ['10.0.0.7'],
  ssh: { user: 'ops', port: 22, key_file: '/keys/id', jump: [] },
  host_key: `${name} ssh-ed25519 AAAA`,
  dotfiles_local_path: null,
  ...over,
})
