// The committed schema of the API, as text.
import { readFileSync } from 'node:fs'

export const sdl = readFileSync(new URL('../../../api/schema.graphql', import.meta.url), 'utf8')
