// The words of the screens as the screens make them: the same catalogues, the same formats. Stories are told in three
// languages and repeat no text by hand.
import { readFileSync } from 'node:fs'
import { createIntl } from 'react-intl'
import type office from '../../web-admin/messages/ru.json'
import type cabinet from '../../web-portal/messages/ru.json'
import type shared from '../../web-admin/ui/messages/ru.json'
import { formatIn, languages, type Format, type Language } from '../../web-admin/ui/src/format'

export { languages, type Language }

type Catalogue<Of extends 'admin' | 'portal'> = keyof (Of extends 'admin' ? typeof office & typeof shared : typeof cabinet & typeof shared)
type Values = Record<string, string | number>

export interface Words<Of extends 'admin' | 'portal'> {
  language: Language
  t: (key: Catalogue<Of>, values?: Values) => string
  /** The message with its values left open, the whole text or its beginning. */
  like: (key: Catalogue<Of>, values?: Record<string, string>) => RegExp
  format: Format
}

const read = (path: string, language: Language): Record<string, string> =>
  JSON.parse(readFileSync(new URL(`../../${path}/messages/${language}.json`, import.meta.url), 'utf8')) as Record<string, string>

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

export function wordsOf<Of extends 'admin' | 'portal'>(application: Of, language: Language): Words<Of> {
  const messages = { ...read('web-admin/ui', language), ...read(`web-${application}`, language) }
  const intl = createIntl({ locale: language, messages })
  const t = (key: Catalogue<Of>, values?: Values) => {
    if (!(key in messages)) throw new Error(`no such message: ${String(key)}`)
    return intl.formatMessage({ id: key as string }, values)
  }
  return {
    language, t, format: formatIn(language),
    like: (key, values = {}) => new RegExp(escaped(messages[key as string] ?? '').replace(/\\\{(\w+)\\\}/g, (_, name: string) => escaped(values[name] ?? '') || '.+')),
  }
}
