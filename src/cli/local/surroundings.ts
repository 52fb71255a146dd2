import type { Surroundings } from '../surroundings.ts'

/** What the real command line is given; the server's code is loaded only when one is started. */
export const surroundings: Surroundings = {
  async startServer(options) {
    const [{ startLocalServer }, { rke2StagesOf }] = await Promise.all([
      import('./startServer.ts'),
      import('../../worker/rke2.ts'),
    ])
    return startLocalServer(options, rke2StagesOf)
  },
}
