// The committed schema of the API, as text.
import { existsSync, readFileSync } from 'node:fs'
import { parse, print } from 'graphql'

/** While the API is being built: what is agreed but not exported yet comes from pending.graphql, and is listed. */
function withPending(real) {
  const file = new URL('pending.graphql', import.meta.url)
  if (!existsSync(file)) return real
  const have = parse(real)
  const missing = []
  const byName = new Map(have.definitions.map((one) => [one.name?.value, one]))
  for (const one of parse(readFileSync(file, 'utf8')).definitions) {
    const own = byName.get(one.name?.value)
    if (!own) {
      missing.push(one.name.value)
      have.definitions.push(one)
    } else if (one.fields) {
      const names = new Set(own.fields.map((field) => field.name.value))
      const added = one.fields.filter((field) => !names.has(field.name.value))
      missing.push(...added.map((field) => `${one.name.value}.${field.name.value}`))
      own.fields = [...own.fields, ...added]
    }
  }
  if (missing.length) console.warn(`pending in the API: ${missing.length} items`)
  return print(have)
}

export const sdl = withPending(readFileSync(new URL('../../../api/schema.graphql', import.meta.url), 'utf8'))
