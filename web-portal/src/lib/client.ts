import { createClient, sessionFor } from '@aiscra/ui'
import { keyless } from '../gql'

export const session = sessionFor('portal')
export const makeClient = () => createClient({ session, keyless })
