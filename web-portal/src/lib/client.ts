import { createClient, saveFile, sessionFor } from '@aiscra/ui'
import { keyless } from '../gql'

export const session = sessionFor('portal')
export const makeClient = () => createClient({ session, keyless })
/** Saves a file of the server in the browser; false when it was refused. */
export const save = (path: string): Promise<boolean> => saveFile(session, path)
