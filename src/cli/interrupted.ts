/** The user pressed Ctrl-C (or Ctrl-D at a question): the command ends with 130, in good order. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted')
    this.name = 'Interrupted'
  }
}
