// One way to build both applications: the base path they are served under, hashed assets, words parsed at build time (the
// browser needs no ICU parser), a manifest for the budget.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from '@formatjs/icu-messageformat-parser'
import react from '@vitejs/plugin-react'

const words = {
  name: 'words',
  enforce: 'pre',
  apply: 'build',
  load(id) {
    if (!/\/messages\/\w+\.json$/.test(id)) return null
    const parsed = Object.entries(JSON.parse(readFileSync(id, 'utf8'))).map(([key, message]) => [key, parse(message)])
    return { code: `export default ${JSON.stringify(Object.fromEntries(parsed))}`, moduleType: 'js' }
  },
}

/** licenses.txt beside the application: name, version and licence text of every package that is inside. */
const licences = {
  name: 'licences',
  apply: 'build',
  generateBundle() {
    const folders = new Set()
    for (const id of this.getModuleIds()) {
      const found = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id.replace(/^\0/, ''))
      if (found) folders.add(found[1])
    }
    const texts = [...folders]
      .filter((folder) => existsSync(join(folder, 'package.json')))
      .map((folder) => {
        const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
        const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one))
        return `${name} ${version} (${license})\n\n${file ? readFileSync(join(folder, file), 'utf8').trim() : ''}`
      })
    this.emitFile({ type: 'asset', fileName: 'licenses.txt', source: `${texts.toSorted().join(`\n\n${'-'.repeat(80)}\n\n`)}\n` })
  },
}

export const application = (base) => {
  const server = process.env.AISCRA_URL ?? 'http://127.0.0.1:8080'
  const proxied = { target: server, changeOrigin: true, ws: true }
  return {
    base,
    plugins: [words, licences, react()],
    resolve:
      process.env.NODE_ENV === 'production' || process.argv.includes('build')
        ? { alias: [{ find: /^@formatjs\/icu-messageformat-parser$/, replacement: '@formatjs/icu-messageformat-parser/no-parser.js' }] }
        : {},
    build: { target: 'es2022', manifest: true, sourcemap: false, chunkSizeWarningLimit: 900 },
    server: { proxy: { '/graphql': proxied, '/imports': proxied, '/samples': proxied } },
  }
}
