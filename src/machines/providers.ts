import type { Provider } from './contract.ts'
import { digitaloceanNetwork } from './digitalocean/network.ts'
import { digitalocean } from './digitalocean/provider.ts'
import { existing } from './existing/provider.ts'
import { libvirt } from './libvirt/provider.ts'
import { loadOwnProviders } from './own/load.ts'

const builtIn: readonly Provider[] = [libvirt, digitalocean, digitaloceanNetwork, existing]

const own = loadOwnProviders(
  process.env['SLIPWAY_PROVIDERS'] ?? '',
  builtIn.map(({ name }) => name),
)

/** All ways to make machines, in the order in which they are told; those of the user's own (SLIPWAY_PROVIDERS) last. */
export const providers: readonly Provider[] = [...builtIn, ...own.providers]

/** Why some of the user's own are none. */
export const providerFaults = own.faults

/** Those whose machines are hosts. */
export const hostProviders = providers.filter(({ shared }) => !shared)
