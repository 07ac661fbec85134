// Typed documents: finds every graphql(`…`) in the sources of an application, checks it against the committed schema and
// writes src/gql/index.ts (types of each operation, and overloads that give graphql(`…`) those types).
// Nothing of it is kept by hand and nothing is committed: the build and the check run it first.
import { mkdirSync, readFileSync, readdirSync, writeFileSync, existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { codegen } from '@graphql-codegen/core'
import * as typescriptOperations from '@graphql-codegen/typescript-operations'
import { sdl } from './schema.mjs'
import { createHash } from 'node:crypto'
import { buildSchema, isObjectType, Kind, parse, print, stripIgnoredCharacters, validate, NoUnusedFragmentsRule, specifiedRules } from 'graphql'

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..')
const apps = ['web-admin', 'web-portal']
const schema = buildSchema(sdl)
const scalars = Object.fromEntries(
  ['Money', 'Volume', 'Period', 'Date', 'DateTime', 'UUID', 'Decimal', 'Cursor', 'BigInt', 'Long'].map((name) => [name, 'string']),
)

const tsFiles = (dir) =>
  readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'gql' || entry.name === 'node_modules') return []
    const path = join(dir, entry.name)
    return entry.isDirectory() ? tsFiles(path) : /\.tsx?$/.test(entry.name) ? [path] : []
  })

/** Every graphql(`…`) of one application: { file, source, document }. */
function documentsOf(app) {
  const found = []
  for (const file of tsFiles(join(root, app, 'src'))) {
    for (const [, source] of readFileSync(file, 'utf8').matchAll(/\bgraphql\(\s*`([^`]*)`/g)) {
      if (source.includes('${')) throw new Error(`${relative(root, file)}: a document must be one plain literal`)
      try {
        found.push({ file, source, document: parse(source) })
      } catch (error) {
        throw new Error(`${relative(root, file)}: ${error.message}`)
      }
    }
  }
  return found
}

const fragmentsUsed = (document, byName, seen = new Set()) => {
  const visit = (node) => {
    if (Array.isArray(node)) return node.forEach(visit)
    if (!node || typeof node !== 'object') return
    if (node.kind === Kind.FRAGMENT_SPREAD && !seen.has(node.name.value)) {
      seen.add(node.name.value)
      visit(byName.get(node.name.value))
    }
    for (const key in node) if (key !== 'loc') visit(node[key])
  }
  visit(document.definitions)
  return seen
}

let failed = false
for (const app of apps) {
  const found = documentsOf(app)
  const trusted = {}
  const fragments = new Map()
  const names = new Map()
  for (const one of found) {
    for (const definition of one.document.definitions) {
      const name = definition.name?.value
      if (!name) throw new Error(`${relative(root, one.file)}: every document needs a name`)
      if (names.has(name)) throw new Error(`${app}: two documents are named ${name}`)
      names.set(name, one)
      if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(name, definition)
    }
  }
  for (const one of found) {
    const used = [...fragmentsUsed(one.document, fragments)].filter((n) => names.get(n) !== one)
    const whole = { kind: Kind.DOCUMENT, definitions: [...one.document.definitions, ...used.map((n) => fragments.get(n)).filter(Boolean)] }
    if (one.document.definitions.some((definition) => definition.kind === Kind.OPERATION_DEFINITION)) {
      const text = stripIgnoredCharacters(print(whole))
      trusted[createHash('sha256').update(text).digest('hex')] = text
    }
    for (const error of validate(schema, whole, specifiedRules.filter((rule) => rule !== NoUnusedFragmentsRule))) {
      failed = true
      console.error(`${relative(root, one.file)}: ${error.message}`)
    }
  }
  if (failed) continue

  // The server's allow-list for the public and for subscribers: committed, and embedded into the binary.
  const list = join(root, 'api/trusted', `${app}.json`)
  const lines = Object.entries(trusted).sort(([, a], [, b]) => (a < b ? -1 : 1)).map(([hash, text]) => `  ${JSON.stringify(hash)}: ${JSON.stringify(text)}`)
  const listed = `{\n${lines.join(',\n')}\n}\n`
  if (!existsSync(list) || readFileSync(list, 'utf8') !== listed) writeFileSync(list, listed)

  const types = found.length
    ? await codegen({
        filename: 'index.ts',
        documents: found.map(({ file, document }) => ({ location: file, document })),
        schema: parse(sdl),
        schemaAst: schema,
        config: {},
        plugins: [
          {
            operations: {
              scalars,
              enumType: 'string-literal',
              enumsAsTypes: true,
              useTypeImports: true,
              skipTypename: true,
              strictScalars: false,
              defaultScalarType: 'string',
              dedupeFragments: true,
            },
          },
        ],
        pluginMap: { operations: typescriptOperations },
      })
    : ''

  const typeName = (definition) => {
    const pascal = definition.name.value.replace(/^./, (c) => c.toUpperCase())
    if (definition.kind === Kind.FRAGMENT_DEFINITION) return { data: `${pascal}Fragment`, variables: 'Record<string, never>' }
    const suffix = definition.operation.replace(/^./, (c) => c.toUpperCase())
    return { data: `${pascal}${suffix}`, variables: `${pascal}${suffix}Variables` }
  }
  const overloads = found.map(({ source, document }) => {
    const { data, variables } = typeName(document.definitions[0])
    return `export function graphql(source: ${JSON.stringify(source)}, ...fragments: unknown[]): TypedDocumentNode<${data}, ${variables}>`
  })
  // Types without an id are parts of their parent in the normalised cache.
  const keyless = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && !type.name.startsWith('__') && !type.getFields().id)
    .map((type) => type.name)
    .filter((name) => !['Query', 'Mutation', 'Subscription'].includes(name))
    .sort()

  const out = join(root, app, 'src/gql/index.ts')
  mkdirSync(dirname(out), { recursive: true })
  const text = `// Generated by web-admin/ui/scripts/codegen.mjs from api/schema.graphql. Never edited, never committed.
/* oxlint-disable */
import { document, type TypedDocumentNode } from '@aiscra/ui'

${types}

${overloads.join('\n')}
export function graphql(source: string, ...fragments: unknown[]): unknown
export function graphql(source: string, ...fragments: unknown[]): unknown {
  return document(source, fragments)
}

/** Types that have no id of their own. */
export const keyless: string[] = ${JSON.stringify(keyless)}
`
  if (!existsSync(out) || readFileSync(out, 'utf8') !== text) writeFileSync(out, text)
  console.log(`${app}: ${found.length} documents`)
}
if (failed) process.exit(1)
