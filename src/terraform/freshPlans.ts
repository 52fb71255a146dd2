import { hashOf } from '../engine/plan/canonical.ts'
import { moduleFiles } from './moduleFiles.ts'
import type { TerraformRoot } from './root.ts'
import type { LookedPlan } from './workspace.ts'

/** ms for which a plan that was shown is as good as one that is made now. */
const maxAge = 30_000

/**
 * Plans that were shown a moment ago, for the run that follows: each is taken once, and by the very same module, variables
 * and state only. Terraform itself refuses one whose state has moved. What people ask for is always looked at anew.
 */
export interface FreshPlans {
  /** Makes the plan that is shown, and keeps it. */
  shown(root: TerraformRoot, kind: 'apply' | 'destroy', make: () => Promise<LookedPlan>): Promise<LookedPlan>
  /** The plan that was shown, or a new one. */
  taken(root: TerraformRoot, kind: 'apply' | 'destroy', make: () => Promise<LookedPlan>): Promise<LookedPlan>
}

export function freshPlans(now: () => number = Date.now): FreshPlans {
  const kept = new Map<string, { readonly plan: LookedPlan; readonly at: number }>()
  const forgetOld = () => {
    for (const [key, { at }] of kept) if (now() - at >= maxAge) kept.delete(key)
  }
  return {
    async shown(root, kind, make) {
      const at = now()
      const key = await keyOf(root, kind)
      const plan = await make()
      forgetOld()
      if (key !== null) kept.set(key, { plan, at })
      return plan
    },
    async taken(root, kind, make) {
      forgetOld()
      const key = await keyOf(root, kind)
      if (key === null) return make()
      const found = kept.get(key)
      kept.delete(key)
      return found ? found.plan : make()
    },
  }
}

/** Null: the module can't be read; whoever plans with it says so. */
async function keyOf({ backend: _backend, ...root }: TerraformRoot, kind: 'apply' | 'destroy'): Promise<string | null> {
  const files = await moduleFiles(root.module).catch(() => null)
  return files && hashOf([kind, root, files.map(({ name, text }) => [name, text])])
}
