// A meter that several accounts pay for together: who, in which parts, from which month; what each would get is seen before it is saved.
import { useCallback, useEffect, useState } from 'react'
import { Button, Group, Text } from '@mantine/core'
import { useClient, useQuery } from 'urql'
import {
  ChoiceField, DataTable, FieldRow, FormView, LookupField, Problem, Refusals, TextField, Waiting, useAct, useFinish, useForm, useFormat, type Form, type Picked, type Value,
} from '@aiscra/ui'
import { graphql, type SharingSetInput } from '../../gql'
import { useToday } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { MonthField } from '../../lib/month-field'
import { DocumentField } from '../archive/document-field'
import type { Account } from '../subscribers/account'
import { usePointName } from '../subscribers/points'
import type { SharedMeter } from '../subscribers/shared-meters'

const set = graphql(`
  mutation SharingSet($input: SharingSetInput!) { sharingSet(input: $input) { account { id } errors { code field message } } }
`)
const seenQuery = graphql(`
  query SharingSeen($input: SharingSetInput!) {
    sharingPreview(input: $input) { volume parts { accountNumber pointId weight volume } errors { code field message } }
  }
`)
const accountsQuery = graphql(`
  query SharingAccounts($search: String) { accounts(search: $search, first: 8) { nodes { id number address } } }
`)
const pointsQuery = graphql(`
  query SharingPoints($number: String!) { account(number: $number) { id points { id hot premise { id address } meter { id serial } } } }
`)

/** So many besides the account where the meter stands. */
const most = 7
const row = (at: number) => ({ account: `account${at}`, point: `point${at}`, parts: `parts${at}` })
type Values = Record<string, Value>

/** The shared meter as it is, or a meter of the account that is to be shared. */
export function SharingForm({ account, meter, meters = [], close, done }: {
  account: Account
  meter?: SharedMeter
  /** Points with meters that may be shared. */
  meters?: Account['points']
  close: () => void
  done: () => void
}) {
  const t = useT()
  const today = useToday()
  const finish = useFinish(close, done)
  const name = usePointName()
  const others = meter?.parts.filter((part) => part.pointId !== meter.meterPointId) ?? []
  const [count, setCount] = useState(Math.max(1, others.length))
  const weight = (part: SharedMeter['parts'][number] | undefined) => (part && !meter?.byResidents ? String(part.weight) : '')
  const made = (values: Values): SharingSetInput => {
    const byResidents = values.by === 'residents'
    const part = (parts: string) => (byResidents ? null : Number(String(values[parts]).trim()))
    const rows = Array.from({ length: count }, (_, at) => row(at)).filter((one) => values[one.account])
    return {
      meterPointId: String(values.meter), byResidents, from: String(values.from), to: String(values.to) || null, documentId: (values.document as Picked | null)?.id ?? '',
      points: [{ pointId: String(values.meter), parts: part('own') }, ...rows.map((one) => ({ pointId: String(values[one.point]), parts: part(one.parts) }))],
    }
  }
  const form = useForm({
    act: useAct(set),
    start: {
      meter: meter?.meterPointId ?? meters[0]?.id ?? '', by: meter?.byResidents ? 'residents' : 'parts', from: today.slice(0, 7), to: '', document: null,
      own: weight(meter?.parts.find((part) => part.pointId === meter.meterPointId)),
      ...Object.fromEntries(Array.from({ length: most }, (_, at) => {
        const part = others[at]
        return [[row(at).account, part ? { id: part.accountNumber, label: part.accountNumber } : null], [row(at).point, part?.pointId ?? ''], [row(at).parts, weight(part)]]
      }).flat()),
    } as Values,
    input: (read, values) => {
      const whole = (field: string) => {
        if (values.by === 'parts' && !/^[1-9]\d{0,5}$/.test(String(values[field]).trim())) read.refuse(field, t('sharing.partsWrong'))
      }
      whole('own')
      Array.from({ length: count }, (_, at) => row(at)).forEach((one, at) => {
        if (!values[one.account]) {
          if (at === 0) read.refuse(one.account, t('sharing.needed'))
          return
        }
        if (!values[one.point]) read.refuse(one.point, t('sharing.needed'))
        whole(one.parts)
      })
      if (!values.document) read.refuse('document', t('sharing.needed'))
      if (values.to && String(values.to) < String(values.from)) read.refuse('to', t('common.endsBefore'))
      return made(values)
    },
    done: () => finish(t('sharing.saved')),
  })
  const { values } = form
  const hot = account.points.find((point) => point.id === values.meter)?.hot ?? false
  return (
    <FormView form={form} submit={t('common.save')} cancel={close} check={() => <SharingSeen input={made(form.values)} />}>
      <Text size="sm" c="dimmed">{t('sharing.text')}</Text>
      {!meter && meters.length > 1 && <ChoiceField name="meter" label={t('sharing.meter')} choices={meters.map((point) => ({ value: point.id, label: name(point) }))} />}
      <FieldRow>
        <ChoiceField
          name="by" label={t('sharing.by')} hint={t(values.by === 'residents' ? 'sharing.byResidentsHint' : 'sharing.byPartsHint')}
          choices={[{ value: 'parts', label: t('sharing.byParts') }, { value: 'residents', label: t('sharing.byResidents') }]}
        />
        {values.by === 'parts' && <TextField name="own" label={t('sharing.partsOf', { number: meter?.parts.find((part) => part.pointId === meter.meterPointId)?.accountNumber ?? account.number })} mode="numeric" required />}
      </FieldRow>
      {Array.from({ length: count }, (_, at) => (
        <Other key={at} at={at} hot={hot} form={form} own={account.number} parts={values.by === 'parts'} required={at === 0} />
      ))}
      {count < most && <Group><Button size="xs" variant="default" onClick={() => setCount(count + 1)}>{t('sharing.oneMore')}</Button></Group>}
      <FieldRow>
        <MonthField name="from" label={t('consumption.fromMonth')} back={0} ahead={12} required />
        <MonthField name="to" label={t('consumption.toMonth')} back={0} ahead={36} none={t('consumption.noEnd')} />
      </FieldRow>
      <DocumentField name="document" required />
    </FormView>
  )
}

/** One of those who share: the account, its point without a meter, its parts. */
function Other({ at, hot, form, own, parts, required }: { at: number; hot: boolean; form: Form<Values>; own: string; parts: boolean; required: boolean }) {
  const t = useT()
  const client = useClient()
  const name = usePointName()
  const one = row(at)
  const chosen = form.values[one.account] as Picked | null
  const point = String(form.values[one.point])
  const [result] = useQuery({ query: pointsQuery, variables: { number: chosen?.id ?? '' }, pause: !chosen })
  const points = (chosen && result.data?.account?.points ? result.data.account.points : []).filter((each) => each.hot === hot && !each.meter)
  const ids = points.map((each) => each.id).join(' ')
  // Where there is one to choose, it is chosen; one of another account is not.
  useEffect(() => {
    if (!ids) return
    const known = ids.split(' ')
    if (!known.includes(point)) form.set(one.point, known.length === 1 ? known[0]! : '')
    // `form` is made anew on each render.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [ids, point, one.point])
  const find = useCallback(
    async (words: string) => {
      const answer = await client.query(accountsQuery, { search: words || null }, { requestPolicy: 'network-only' }).toPromise()
      return (answer.data?.accounts.nodes ?? []).filter((each) => each.number !== own).map((each) => ({ id: each.number, label: `${each.number} · ${each.address}` }))
    },
    [client, own],
  )
  return (
    <>
      <FieldRow>
        <LookupField name={one.account} label={t('sharing.other', { number: at + 1 })} required={required} find={find} />
        {parts && <TextField name={one.parts} label={t('sharing.parts')} mode="numeric" required={Boolean(chosen)} />}
      </FieldRow>
      {chosen && (result.data?.account && points.length === 0
        ? <Text size="sm" c="var(--bad)" role="status">{t('sharing.noPoint')}</Text>
        : points.length !== 1 && <ChoiceField name={one.point} label={t('consumption.point')} required choices={[{ value: '', label: '—' }, ...points.map((each) => ({ value: each.id, label: name(each) }))]} />)}
    </>
  )
}

/** What everybody would get of what the meter showed last, as the server shares it. */
function SharingSeen({ input }: { input: SharingSetInput }) {
  const t = useT()
  const format = useFormat()
  const [result, again] = useQuery({ query: seenQuery, variables: { input }, requestPolicy: 'network-only' })
  if (result.error) return <Problem error={result.error} retry={again} />
  if (!result.data || result.fetching) return <Waiting lines={3} />
  const { volume, parts, errors } = result.data.sharingPreview
  if (errors.length > 0) return <Refusals errors={errors} />
  return (
    <>
      <Text size="sm" mb="xs">{t('sharing.seen', { volume: format.volume(volume ?? '0.000') })}</Text>
      <DataTable
        caption={t('sharing.title')} rows={parts} rowKey={(one) => one.pointId} empty={null}
        columns={[
          { key: 'account', head: t('sharing.account'), cell: (one) => <span className="tab">{one.accountNumber}</span> },
          { key: 'weight', head: t(input.byResidents ? 'sharing.residents' : 'sharing.parts'), numeric: true, cell: (one) => format.count(one.weight), total: format.count(parts.reduce((sum, one) => sum + one.weight, 0)) },
          { key: 'volume', head: t('sharing.gets'), numeric: true, cell: (one) => format.volume(one.volume ?? '0.000'), total: format.volume(volume ?? '0.000') },
        ]}
      />
      <Text size="sm" c="dimmed" mt="xs">{t('sharing.seenNote', { month: format.period(input.from) })}</Text>
    </>
  )
}

/** From a month on the meter is its own account's again. */
export function SharingEndForm({ meter, close, done }: { meter: SharedMeter; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(set),
    start: { from: useToday().slice(0, 7), document: null as Picked | null },
    input: (read) => ({ meterPointId: meter.meterPointId, byResidents: meter.byResidents, points: [], from: read.text('from'), to: null, documentId: read.picked('document') }),
    done: () => finish(t('sharing.ended')),
  })
  const stays = meter.parts.find((part) => part.pointId === meter.meterPointId)?.accountNumber ?? ''
  return (
    <FormView form={form} submit={t('sharing.end')} cancel={close} danger check={() => t('sharing.endCheck', { month: format.period(form.values.from), number: stays })}>
      <MonthField name="from" label={t('consumption.fromMonth')} back={0} ahead={12} required />
      <DocumentField name="document" required />
    </FormView>
  )
}
