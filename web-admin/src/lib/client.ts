import { createClient, fetchFile as fetchOf, saveFile, sessionFor } from '@aiscra/ui'
import { keyless } from '../gql'

export const session = sessionFor('admin')
export const makeClient = () => createClient({ session, keyless })

/** A request outside GraphQL (files), with the same token. */
export const fetchFile = (path: string, init?: RequestInit): Promise<Response> => fetchOf(session, path, init)
/** Saves a file of the server in the browser; false when it was refused. */
export const save = (path: string, name?: string): Promise<boolean> => saveFile(session, path, name)
