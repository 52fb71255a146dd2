import type { Running } from './child.ts'

const patience = 1000
const etcdPatience = 5000

const isEtcd = (child: Running) => child.name === 'etcd'

/** Everything this process keeps running, and how it all ends. */
export class Stopping {
  readonly #children: Running[] = []
  readonly #aborted = new AbortController()

  /** Aborted as soon as the stop begins. */
  get signal(): AbortSignal {
    return this.#aborted.signal
  }

  keep(...children: Running[]): void {
    this.#children.push(...children)
  }

  /** Ends the API server and its controllers for good; the rest, and this process, go on. */
  endControlPlane(): void {
    const parts = this.#children.filter(child => child.name.startsWith('kube-') && child.name !== 'kube-proxy')
    for (const child of parts) void child.stop(patience)
  }

  /** Ends all children but those that outlive the service, as containers do. */
  async stop(): Promise<void> {
    this.#aborted.abort()
    for (const child of this.#children) if (child.outlives) child.release()
    const own = this.#children.filter(child => !child.outlives)
    await Promise.all(own.map(child => child.stop(isEtcd(child) ? etcdPatience : patience)))
  }
}
