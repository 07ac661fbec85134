// Codes that come as plain strings, in words; an unknown one is shown as it is.
import { useT, type Key } from './i18n'

const channels: Record<string, Key> = { cash: 'channel.cash', bank: 'channel.bank', registry: 'channel.registry', online: 'channel.online' }
const sources: Record<string, Key> = { egov: 'source.egov', document: 'source.document', inspection: 'source.inspection', import: 'source.import' }
const settings: Record<string, Key> = {
  'billing.due_day': 'setting.dueDay',
  'billing.rounding.legal': 'setting.roundingLegal',
  'billing.rounding.multi': 'setting.roundingMulti',
  'billing.rounding.private': 'setting.roundingPrivate',
  'consumption.average_limit_months': 'setting.averageLimit',
  'consumption.average_months': 'setting.averageMonths',
  'consumption.zero_residents_as': 'setting.zeroResidents',
  'imbalance.method': 'setting.imbalance',
  'payments.allocation_order': 'setting.allocation',
  'readings.cut_off_day': 'setting.cutOffDay',
  'readings.jump_factor': 'setting.jumpFactor',
  'readings.max_monthly_m3.building': 'setting.maxBuilding',
  'readings.max_monthly_m3.legal': 'setting.maxLegal',
  'readings.max_monthly_m3.unit': 'setting.maxUnit',
}
// Programs that act where people usually do.
const actors: Record<string, Key> = { seed: 'actor.seed', system: 'actor.system' }
const values: Record<string, Key> = {
  half_up: 'settingValue.halfUp', half_even: 'settingValue.halfEven', down: 'settingValue.down', by_registered: 'settingValue.byRegistered',
  cost_penalty_principal: 'settingValue.costPenaltyPrincipal',
}

export function useCodes() {
  const t = useT()
  const say = (words: Record<string, Key>) => (code: string) => {
    const key = words[code.toLowerCase()]
    return key ? t(key) : code
  }
  return { channel: say(channels), source: say(sources), setting: say(settings), settingValue: say(values), actor: say(actors) }
}
