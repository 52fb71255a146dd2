/** Which program refuses a value: RKE2 itself ends, the others are started by it again and again and never become ready. */
export type Refuser = 'rke2' | 'kubelet' | 'kube-apiserver' | 'kube-controller-manager'

/** A value that a program of RKE2 does not take, with that program's words. */
export class Refused extends Error {
  readonly by: Refuser
  /** The program ends for it. Where it does not, it complains and the Node never becomes ready. */
  readonly ends: boolean
  constructor(message: string, by: Refuser = 'rke2', ends = true) {
    super(message)
    this.by = by
    this.ends = ends
  }
}
