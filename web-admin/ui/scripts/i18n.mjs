// Words are complete: kk, ru and en have the same keys with the same placeholders, valid ICU, no empty text, no key that
// nothing uses, and a word for every value of every enum of the schema that an application shows.
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse, TYPE } from '@formatjs/icu-messageformat-parser'
import { buildSchema, isEnumType } from 'graphql'
import { sdl } from './schema.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..')
const problems = []
const read = (dir, language) => JSON.parse(readFileSync(join(root, dir, 'messages', `${language}.json`), 'utf8'))
const sources = (dir) =>
  readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name)
    if (entry.name === 'gql') return []
    return entry.isDirectory() ? sources(path) : /\.tsx?$/.test(entry.name) ? [readFileSync(path, 'utf8')] : []
  })

const placeholders = (message) => {
  const names = new Set()
  const visit = (elements) => {
    for (const element of elements) {
      if (element.type !== TYPE.literal && element.type !== TYPE.pound) names.add(element.value)
      if (element.options) for (const option of Object.values(element.options)) visit(option.value)
      if (element.children) visit(element.children)
    }
  }
  visit(parse(message))
  return [...names].sort().join(', ')
}

const schema = buildSchema(sdl)

for (const dir of ['web-admin/ui', 'web-admin', 'web-portal']) {
  const words = { kk: read(dir, 'kk'), ru: read(dir, 'ru'), en: read(dir, 'en') }
  const keys = new Set(Object.values(words).flatMap((catalogue) => Object.keys(catalogue)))
  const code = sources(join(root, dir, 'src')).join('\n')
  const dynamic = [...code.matchAll(/`([\w.]+\.)\$\{/g)].map(([, prefix]) => prefix)
  for (const key of keys) {
    const shapes = new Set()
    for (const [language, catalogue] of Object.entries(words)) {
      const message = catalogue[key]
      if (message === undefined) problems.push(`${dir}: ${key} is missing in ${language}`)
      else if (!message.trim()) problems.push(`${dir}: ${key} is empty in ${language}`)
      else {
        try {
          shapes.add(placeholders(message))
        } catch (error) {
          problems.push(`${dir}: ${key} in ${language} is not valid: ${error.message}`)
        }
      }
    }
    if (shapes.size > 1) problems.push(`${dir}: ${key} has different placeholders: ${[...shapes].join(' | ')}`)
    if (!code.includes(`'${key}'`) && !dynamic.some((prefix) => key.startsWith(prefix))) problems.push(`${dir}: ${key} is not used`)
  }
  for (const prefix of new Set(dynamic.filter((one) => /^(enum|plain)\./.test(one)))) {
    const name = prefix.slice(prefix.indexOf('.') + 1, -1)
    const type = schema.getType(name)
    if (!isEnumType(type)) {
      problems.push(`${dir}: ${prefix} names no enum of the schema`)
      continue
    }
    for (const value of type.getValues()) if (!keys.has(prefix + value.name)) problems.push(`${dir}: ${prefix}${value.name} has no words`)
  }
}

if (problems.length) {
  console.error(problems.join('\n'))
  process.exit(1)
}
console.log('words: kk, ru and en are complete')
