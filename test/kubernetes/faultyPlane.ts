import { type ClusterClient, openClusterClient } from '../../src/kubernetes/client.ts'
import { type ControlPlane, type Part, startControlPlane } from './controlPlane.ts'
import { type FaultyProxy, startFaultyProxy } from './faultyProxy.ts'

export interface FaultyPlane extends AsyncDisposable {
  readonly plane: ControlPlane
  readonly proxy: FaultyProxy
  /** Asks through the proxy. */
  readonly client: ClusterClient
  /** Asks the API server itself. */
  readonly direct: ClusterClient
}

/** A control plane, and before it a proxy that does what it is told to. */
export async function startFaultyPlane(...parts: Part[]): Promise<FaultyPlane> {
  await using begun = new AsyncDisposableStack()
  const plane = begun.use(await startControlPlane(...parts))
  const proxy = begun.use(await startFaultyProxy(plane))
  const open = async (access: ControlPlane['access']) =>
    begun.adopt(await openClusterClient(access), client => client.close())
  const made = { plane, proxy, client: await open(proxy.access), direct: await open(plane.access) }
  const all = begun.move()
  return { ...made, [Symbol.asyncDispose]: () => all.disposeAsync() }
}
