/** The command line reaches Ansible through the room of machines alone. */
export { runOwnPlaybook } from '../ansible/ownPlaybook.ts'
