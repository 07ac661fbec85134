// One way to build both applications: the base path they are served under, hashed assets, words parsed at build time (the
// browser needs no ICU parser), a manifest for the budget.
import { readFileSync } from 'node:fs'
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

export const application = (base) => {
  const server = process.env.AISCRA_URL ?? 'http://127.0.0.1:8080'
  const proxied = { target: server, changeOrigin: true, ws: true }
  return {
    base,
    plugins: [words, react()],
    resolve:
      process.env.NODE_ENV === 'production' || process.argv.includes('build')
        ? { alias: [{ find: /^@formatjs\/icu-messageformat-parser$/, replacement: '@formatjs/icu-messageformat-parser/no-parser.js' }] }
        : {},
    build: { target: 'es2022', manifest: true, sourcemap: false, chunkSizeWarningLimit: 900 },
    server: { proxy: { '/graphql': proxied, '/imports': proxied, '/samples': proxied } },
  }
}
