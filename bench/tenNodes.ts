import { type MeasuredSite, withSite } from './lab.ts'
import { serve } from './server.ts'

export const tenNodes = ['m1', ...Array.from({ length: 9 }, (_, index) => `w${index + 1}`)]

/** A server and an installed cluster of one server and nine agents, for `work` alone. */
export const withTenNodes = <Result>(name: string, work: (site: MeasuredSite) => Promise<Result>): Promise<Result> =>
  withSite(name, tenNodes, 1, async site => {
    const server = await serve(site.home)
    try {
      await site.slipway('apply', '-f', site.file, '--yes', '--accept', 'few-cpus', '--accept', 'little-memory')
      return await work(site)
    } finally {
      await server.stop()
    }
  })
