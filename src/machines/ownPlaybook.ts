/** The command line reaches Ansible through the room of machines alone. */
export { type OwnPlay, runOwnPlaybook } from '../ansible/ownPlaybook.ts'
