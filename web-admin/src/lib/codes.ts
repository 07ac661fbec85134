// Codes that come as plain strings, in words; an unknown one is shown as it is.
import { useT, type Key } from './i18n'
import { useName } from './names'

const channels: Record<string, Key> = { cash: 'channel.cash', card: 'channel.card', bank: 'channel.bank', registry: 'channel.registry', online: 'channel.online' }
const sources: Record<string, Key> = { egov: 'source.egov', document: 'source.document', inspection: 'source.inspection', import: 'source.import' }
// Programs that act where people usually do.
const actors: Record<string, Key> = { seed: 'actor.seed', system: 'actor.system', debt: 'actor.system' }

export function useCodes() {
  const t = useT()
  const name = useName()
  const say = (words: Record<string, Key>, other = (code: string) => code) => (code: string) => {
    const key = words[code.toLowerCase()]
    return key ? t(key) : other(code)
  }
  return { channel: say(channels), source: say(sources), actor: say(actors, name) }
}
