import { createClient, sessionFor } from '@aiscra/ui'
import { keyless } from '../gql'

export const session = sessionFor('admin')
export const makeClient = () => createClient({ session, keyless })

/** A request outside GraphQL (files), with the same token. */
export async function fetchFile(path: string, init: RequestInit = {}): Promise<Response> {
  await session.ensure()
  return fetch(path, { ...init, headers: { ...init.headers, Authorization: `Bearer ${session.access() ?? ''}` } })
}
