// What a first visit downloads, gzip: the entry with everything it imports statically, and its styles.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..')
const limits = { 'web-portal': 170, 'web-admin': 220 }
const routeLimit = 60
let over = false

for (const [app, limit] of Object.entries(limits)) {
  const dist = join(root, app, 'dist')
  const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'))
  const size = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length / 1024
  const entry = Object.keys(manifest).find((key) => manifest[key].isEntry)
  const reach = (key, seen = new Set()) => {
    if (seen.has(key)) return seen
    seen.add(key)
    for (const next of manifest[key].imports ?? []) reach(next, seen)
    return seen
  }
  const first = reach(entry)
  const scripts = [...first].reduce((sum, key) => sum + size(manifest[key].file), 0)
  const styles = [...new Set([...first].flatMap((key) => manifest[key].css ?? []))].reduce((sum, file) => sum + size(file), 0)
  const total = scripts + styles
  console.log(`${app}: entry ${scripts.toFixed(1)} KB + styles ${styles.toFixed(1)} KB = ${total.toFixed(1)} KB gzip (limit ${limit})`)
  if (total > limit) over = true
  for (const key of manifest[entry].dynamicImports ?? []) {
    const own = [...reach(key)].filter((one) => !first.has(one)).reduce((sum, one) => sum + size(manifest[one].file), 0)
    if (own > routeLimit) {
      over = true
      console.log(`${app}: ${key} is ${own.toFixed(1)} KB (limit ${routeLimit})`)
    }
  }
}
if (over) process.exit(1)
