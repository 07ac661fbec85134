// What the registers of a contract share.
import { Chip } from '@aiscra/ui'
import type { AccountContractsQuery } from '../../gql'
import { useToday } from '../../lib/can'
import { useT } from '../../lib/i18n'

type Found = NonNullable<AccountContractsQuery['account']>
export type Contract = Found['contracts'][number]
export type ContractPoint = Found['points'][number]
interface Days {
  from: string
  to?: string | null
}

/** Whether these days have begun, and whether they are over. */
export const stands = (row: Days, today: string): 'ahead' | 'now' | 'over' => (row.from > today ? 'ahead' : row.to && row.to < today ? 'over' : 'now')

export function Stands({ row }: { row: Days }) {
  const t = useT()
  const state = stands(row, useToday())
  return <Chip tone={state === 'now' ? 'good' : 'plain'}>{t(`contracts.${state}`)}</Chip>
}
