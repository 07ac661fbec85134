// What a payment is for, as one choice of a list: "s:WATER" is a service, "b:2026-03" a month's bill, "e:…" what a judgement ties.
import { useQuery } from 'urql'
import { useFormat, type Choice } from '@aiscra/ui'
import { graphql, type EarmarkKind, type PaymentTargetInput, type Service } from '../../gql'
import { useToday } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { monthsFrom } from '../../lib/month-field'

const query = graphql(`
  query PaymentTargets($id: ID!) { account(id: $id) { id advance earmarks { id kind reference owed held closedOn recordedBy } } }
`)
export const services: Service[] = ['WATER', 'SEWERAGE_COLD', 'SEWERAGE_HOT']

/** The choices of an account, and what stands on it unapplied. */
export function useTargets(account: string): { choices: Choice[]; advance: string | undefined } {
  const t = useT()
  const format = useFormat()
  const today = useToday()
  const [known] = useQuery({ query, variables: { id: account }, requestPolicy: 'cache-and-network' })
  const earmarks = (known.data?.account?.earmarks ?? []).filter((one) => !one.closedOn)
  const choices = [
    { value: '', label: t('recon.byPolicy') },
    ...services.map((value) => ({ value: `s:${value}`, label: t(`enum.Service.${value}`) })),
    ...Array.from({ length: 13 }, (_, at) => monthsFrom(today.slice(0, 7), -at)).map((value) => ({ value: `b:${value}`, label: t('payments.ofBill', { month: format.period(value) }) })),
    ...earmarks.map((one) => ({ value: `e:${one.id}`, label: `${t(`enum.EarmarkKind.${one.kind}`)} ${one.reference} · ${format.money(one.owed)}` })),
  ]
  return { choices, advance: known.data?.account?.advance }
}

export function targetOf(choice: string): PaymentTargetInput | null {
  const [kind, value] = [choice.slice(0, 1), choice.slice(2)]
  return kind === 's' ? { service: value as Service } : kind === 'b' ? { bill: value } : kind === 'e' ? { earmark: value } : null
}

/** In words, where somebody said what a payment is for. */
export function useTargetWords() {
  const t = useT()
  const format = useFormat()
  return (of: { service?: Service | null; bill?: string | null; earmark?: { kind: EarmarkKind; reference: string } | null }): string =>
    of.service ? t(`enum.Service.${of.service}`)
    : of.bill ? t('payments.ofBill', { month: format.period(of.bill) })
    : of.earmark ? `${t(`enum.EarmarkKind.${of.earmark.kind}`)} ${of.earmark.reference}` : ''
}
